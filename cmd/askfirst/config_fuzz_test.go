package main

import (
	"errors"
	"testing"
)

// Whatever stands in the files: a configuration or sentences.
func FuzzConfig(f *testing.F) {
	f.Add(readFile(f, "../../config.example.yaml"), "name,email\nAnn,ann@x.example\n")
	f.Add(onBase([]byte("# base")), "sep=;\nname;email;leader\n\"A;B\";a@x.example;x\n")
	f.Fuzz(func(t *testing.T, raw []byte, csv string) {
		config, err := parseConfig("c.yaml", raw, []string{"ASKFIRST_DIGEST__DAYS=" + csv})
		var problems Problems
		if (config == nil) != (err != nil) || err != nil && (!errors.As(err, &problems) || len(problems) == 0) {
			t.Fatalf("%v, %v", config, err)
		}
		if config != nil && (config.Exchange.Location == nil || len(config.Staff) == 0 || config.Inbox.Secret == nil || config.Inbox.Port == 0) {
			t.Fatalf("accepted without what is needed: %+v", config)
		}
		d := &decoder{c: defaultConfig("c.yaml"), places: map[string]place{}, given: map[string]bool{}, meant: map[string]bool{}}
		d.staffCSV("staff.csv", []byte(csv))
		if len(d.problems) > 0 {
			return
		}
		for _, p := range d.c.Staff {
			if p.Name == "" || p.Email == "" || p.Line < 1 {
				t.Fatalf("%+v", p)
			}
		}
	})
}
