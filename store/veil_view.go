package store

import (
	"cmp"
	"slices"
)

// What the book shows of a writer's anonymous asks to whoever understands the
// writer's message: as if they were any of theirs.

// keyedDup is the duplicate key of a message as it is kept behind a veil.
func (t *Tx) keyedDup(dup string) (string, error) {
	if dup == "" || len(t.veils) == 0 {
		return dup, nil
	}
	s, err := t.book.sealKey()
	if err != nil || s == nil {
		return dup, err
	}
	return s.hash(dup), nil
}

// veilFirst puts the writer's own copy of a letter before another's.
func (t *Tx) veilFirst(r sentRow) int {
	if t.myVeil(r.Member.Int64) {
		return 1
	}
	return 0
}

// recentAll is recent with the letters that went to the writer's veils.
func (t *Tx) recentAll(writer int64, quotes bool) ([]Sent, error) {
	all, err := t.recent(writer, quotes)
	if err != nil || len(t.veils) == 0 {
		return all, err
	}
	for _, v := range t.veils {
		if !v.live {
			continue
		}
		more, err := t.recent(v.member, quotes)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	slices.SortStableFunc(all, func(a, b Sent) int { return b.At.Compare(a.At) })
	return all[:min(len(all), mostRecent)], nil
}

// undoableAll is undoable with what was done behind the writer's veils.
func (t *Tx) undoableAll(writer int64) ([]Undoable, error) {
	all, err := t.undoable(writer)
	if err != nil || len(t.veils) == 0 {
		return all, err
	}
	for _, v := range t.veils {
		more, err := t.undoable(v.member)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	slices.SortStableFunc(all, func(a, b Undoable) int { return cmp.Compare(b.ID, a.ID) })
	return all[:min(len(all), mostUndo)], nil
}

// whoseQuestion is whom a question went to: the writer or one of their veils.
func (t *Tx) whoseQuestion(letter string, writer int64) (int64, error) {
	whose := []int64{}
	if len(t.veils) > 0 {
		if err := t.list(&whose, `SELECT member FROM question WHERE letter = ?`, letter); err != nil {
			return 0, err
		}
	}
	if len(whose) == 1 && t.myVeil(whose[0]) {
		return whose[0], nil
	}
	return writer, nil
}
