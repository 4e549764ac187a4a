package main

import "strings"

// nearest is the candidate that the writer of word most likely meant; "" when
// none is near enough. Up to two slips count (three in long words), and a slip
// is one letter too much, too few, wrong, or two swapped; case and the choice
// between "-", "_" and " " are no slips.
func nearest(word string, candidates []string) string {
	word = folded(word)
	if word == "" {
		return ""
	}
	best, bestSlips := "", 1+min(3, 1+len([]rune(word))/4)
	for _, candidate := range candidates {
		if abs := len(candidate) - len(word); abs >= bestSlips+4 || -abs >= bestSlips+4 {
			continue
		}
		if n := slips(word, folded(candidate)); n < bestSlips {
			best, bestSlips = candidate, n
		}
	}
	return best
}

// folded takes out what is no slip.
func folded(s string) string {
	return strings.NewReplacer("-", "_", " ", "_").Replace(strings.ToLower(strings.TrimSpace(s)))
}

// slips is the optimal string alignment distance: Levenshtein's, with the swap
// of two neighbours as one step.
func slips(a, b string) int {
	x, y := []rune(a), []rune(b)
	before, last, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(y)]
}
