package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestLogIsDocumented holds docs/LOGS.md to the code: every event that is logged,
// with its level and its fields, and nothing else.
func TestLogIsDocumented(t *testing.T) {
	root := repositoryRoot(t)
	page, err := os.ReadFile(filepath.Join(root, "docs", "LOGS.md"))
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string][]string{} // "LEVEL event": its fields
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(line, "|")
		if len(cells) != 7 || strings.Contains(cells[1], "---") || strings.TrimSpace(cells[1]) == "event" {
			continue
		}
		event := strings.Trim(strings.TrimSpace(cells[1]), "`")
		documented[strings.TrimSpace(cells[2])+" "+event] = strings.Fields(cells[3])
		if strings.TrimSpace(cells[4]) == "" || strings.TrimSpace(cells[5]) == "" {
			t.Errorf("%s has no meaning or no advice", event)
		}
	}
	logged := loggedEvents(t, filepath.Join(root, "cmd", "askfirst"))
	for event, fields := range logged {
		want, ok := documented[event]
		if !ok {
			t.Errorf("docs/LOGS.md lacks %q", event)
			continue
		}
		slices.Sort(fields)
		slices.Sort(want)
		if got := slices.Compact(fields); !slices.Equal(got, want) {
			t.Errorf("%s has the fields %v, docs/LOGS.md says %v", event, got, want)
		}
	}
	for event := range documented {
		if _, ok := logged[event]; !ok {
			t.Errorf("docs/LOGS.md has %q, which nothing logs", event)
		}
	}
	for _, act := range constantsOf(t, filepath.Join(root, "store", "event.go"), "ActKind") {
		if !strings.Contains(string(page), "`"+act+"`") {
			t.Errorf("docs/LOGS.md lacks the act %q", act)
		}
	}
}

// loggedEvents are the calls of a logger in a folder: level and event, and all
// fields that go with them.
func loggedEvents(t *testing.T, folder string) map[string][]string {
	t.Helper()
	events := map[string][]string{}
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(node ast.Node) bool {
			call, ok := node.(*ast.CallExpr)
			if !ok || len(call.Args) == 0 {
				return true
			}
			method, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || !slices.Contains([]string{"Debug", "Info", "Warn", "Error"}, method.Sel.Name) {
				return true
			}
			if logger := fmt.Sprint(lastName(method.X)); logger != "log" {
				return true
			}
			names := []string{stringIn(call.Args[0])}
			switch lastName(call.Args[0]) {
			case "Verdict":
				names = []string{"accepted", "refused", "ignored"}
			case "Kind":
				names = []string{"an act"}
			}
			for _, event := range names {
				if event == "" {
					t.Errorf("%s: the name of the event is not constant", set.Position(call.Pos()))
				}
				key := strings.ToUpper(method.Sel.Name) + " " + event
				events[key] = append(events[key], fieldsOf(t, set, call)...)
			}
			return true
		})
	}
	if len(events) < 20 {
		t.Fatalf("only %d events are logged", len(events))
	}
	return events
}

// fieldsOf are the names among a logger's further arguments.
func fieldsOf(t *testing.T, set *token.FileSet, call *ast.CallExpr) []string {
	t.Helper()
	var fields []string
	for i := 1; i < len(call.Args); i += 2 {
		name := stringIn(call.Args[i])
		if name == "" {
			t.Errorf("%s: the name of a field is not constant", set.Position(call.Pos()))
		}
		fields = append(fields, name)
	}
	return fields
}

// lastName is that of an expression's last part: log of d.log, Kind of
// string(a.Kind).
func lastName(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.Ident:
		return x.Name
	case *ast.SelectorExpr:
		return x.Sel.Name
	case *ast.CallExpr:
		if len(x.Args) == 1 {
			return lastName(x.Args[0])
		}
	}
	return ""
}

func stringIn(x ast.Expr) string {
	if literal, ok := x.(*ast.BasicLit); ok && literal.Kind == token.STRING {
		if s, err := strconv.Unquote(literal.Value); err == nil {
			return s
		}
	}
	return ""
}

// constantsOf are the string constants of a type in a file.
func constantsOf(t *testing.T, name, kind string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var values []string
	ast.Inspect(file, func(node ast.Node) bool {
		if spec, ok := node.(*ast.ValueSpec); ok && len(spec.Values) == 1 && lastName(spec.Type) == kind {
			values = append(values, stringIn(spec.Values[0]))
		}
		return true
	})
	if len(values) == 0 {
		t.Fatalf("%s has no constants of type %s", name, kind)
	}
	return values
}
