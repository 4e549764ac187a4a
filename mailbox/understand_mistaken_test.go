package mailbox

import "testing"

// Mails that should not have been, and what is said about them.
func TestMistaken(t *testing.T) { checkSentences(t, sentenceRows(t, "mistaken.txt")) }

// Colleagues who are named in passing.
func TestNamedInPassing(t *testing.T) {
	checkWhom(t, []sentenceRow{
		{mark, "digest", "", "Ruth!! (11)", "refer#11>19"},
		{mark, "digest", "", "Ruth! (11)", "refer#11>19"},
		{mark, "digest", "", "11: zou ik aan Ruth denken", "refer#11>19"},
		{mark, "digest", "", "Bij 11 zou ik aan Ruth denken", "refer#11>19"},
		{mark, "digest", "", "11: yo pensaría en Ruth", "refer#11>19"},
		{mark, "digest", "", "11: je penserais à Ruth", "refer#11>19"},
		{mark, "digest", "", "11: da würde ich an Ruth denken", "refer#11>19"},
		{mark, "digest", "", "17, muss erst Frau Lee fragen", "refer#17"},
		{mark, "digest", "", "17 need to ask Ruth first", "refer#17"},
		{mark, "introduction/21", "", "Ik kan toch niet, sorry! Misschien Ruth?", "withdraw#21"},
		{mark, "digest", "", "17: you must ask Ruth", "refer#17>19"},
	})
}
