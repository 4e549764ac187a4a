package main

import (
	"encoding/json"
	"strings"
	"testing"

	"askfirst/store"
)

func (t *town) exported(args ...string) map[string][]map[string]any {
	t.Helper()
	tables := map[string][]map[string]any{}
	for line := range strings.Lines(t.must(append([]string{"export"}, args...)...)) {
		var row store.Row
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		tables[row.Table] = append(tables[row.Table], row.Row)
	}
	return tables
}

func TestExport(t *testing.T) {
	town := inProcess(t)
	aWeekWithPriya(town)
	whole := town.exported()
	if n := len(whole["ask"]); n != town.counts(`SELECT count(*) FROM ask`) || whole["ask"][0]["title"] != "A canaryone for Thursday" || whole["ask"][0]["created_at"] != "2026-11-22T15:00:00Z" {
		t.Errorf("%d asks, the first %v", n, whole["ask"])
	}
	if len(whole["letter"]) != town.counts(`SELECT count(*) FROM letter`) || len(whole["member"]) != len(townsfolk) {
		t.Errorf("%d letters, %d members", len(whole["letter"]), len(whole["member"]))
	}
	text := town.must("export")
	if secret := bookSecret(t, town); strings.Contains(text, secret) || strings.Contains(text, "goose") {
		t.Error("a secret is exported")
	}
	hers := town.must("export", "--for", "Priya@carpenter.example")
	for _, words := range []string{"canaryone", "canarytwo", "canaryfour", "canaryfive", "canarysix", "canaryseven", "Thank you from", "priya@carpenter.example"} {
		if !strings.Contains(hers, words) {
			t.Errorf("her part has no %s", words)
		}
	}
	if strings.Count(hers, `"table":"member"`) != 1 || strings.Contains(hers, "sam@carpenter") {
		t.Error("her part has other people's rows")
	}
	if n := len(town.exported("--for", "ruth@carpenter.example")["ask"]); n != 0 {
		t.Errorf("Ruth asked %d times", n)
	}
	town.tries(exitFailed, "nobody", "export", "--for", "x@y.example")
}
