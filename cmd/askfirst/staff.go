package main

import (
	"fmt"
	"strings"

	"askfirst/store"
)

// Person is a row of the staff list with the place it came from.
type Person struct {
	store.Person
	File string
	Line int

	places map[string]place // of its values, by key
}

// place is where one of the person's values stands, or else the person.
func (p Person) place(key string) place {
	if at, ok := p.places[key]; ok {
		return at
	}
	return p.places[""]
}

// staffList reads the people of the YAML file.
func (d *decoder) staffList(key string, v *value) {
	if v.kind != listKind {
		d.complain(v.at, key, "write each as - { name: Priya Nair, email: priya@carpenter.example }", "staff must be a list of people")
		return
	}
	for _, item := range v.items {
		if item.kind != nullKind && len(d.problems) < maxProblems {
			d.person(item)
		}
	}
}

// person reads one person.
func (d *decoder) person(v *value) {
	p := Person{File: v.at.file, Line: v.at.line, places: map[string]place{"": v.at}}
	if v.kind != mapKind {
		d.complain(v.at, "staff", "write - { name: Priya Nair, email: priya@carpenter.example }", "each person must have a name and an email")
		return
	}
	wrong := len(d.problems)
	d.group("staff", v, d.personOptions(&p))
	for _, e := range v.keys {
		p.places[e.name] = e.val.at
	}
	// What is missing is told once the rest is right: a slip in the key "email"
	// needs one sentence, not two.
	if len(d.problems) == wrong {
		if p.Name == "" {
			d.complain(v.at, "staff.name", "write name: Priya Nair", "this person has no name")
		}
		if p.Email == "" {
			d.complain(v.at, "staff.email", "write email: priya@carpenter.example", "this person has no email")
		}
	}
	p.Name = strings.Join(strings.Fields(p.Name), " ")
	d.c.Staff = append(d.c.Staff, p)
}

// personOptions are the keys of one person.
func (d *decoder) personOptions(p *Person) []option {
	return []option{
		{key: "name", read: d.text(&p.Name, 100)},
		{key: "email", read: d.address(&p.Email)},
		{key: "aliases", read: d.aliases(&p.Aliases)},
		{key: "group", read: d.text(&p.Group, 80)},
		{key: "leader", read: d.yes(&p.Leader)},
		{key: "knows", read: d.words(&p.Knows)},
		{key: "language", read: d.language(&p.Language)},
		{key: "id", read: d.text(&p.Stable, 100)},
	}
}

func (d *decoder) aliases(into *[]string) func(string, *value) {
	return func(key string, v *value) {
		*into = nil
		for _, item := range d.items(key, v) {
			address, err := parseAddress(item.text)
			if err != nil {
				d.complain(item.at, key, "write it like priya@carpenter.example", "%s %v", key, err)
				continue
			}
			*into = append(*into, address)
		}
	}
}

// checkStaff looks at the list as a whole: nobody twice, no address of two
// people, and not the exchange itself.
func (d *decoder) checkStaff() {
	if len(d.c.Staff) == 0 && !d.doubtful("staff") && !d.doubtful("staff_file") {
		d.complain(d.place("staff"), "staff", "add at least one person, or name a list with staff_file: staff.csv", "there is nobody on the staff list")
	}
	owner := map[string]int{}
	ids := map[string]int{}
	for i, p := range d.c.Staff {
		for k, address := range append([]string{p.Email}, p.Aliases...) {
			d.checkAddress(owner, i, address, k > 0)
		}
		if p.Stable == "" {
			continue
		}
		if first, twice := ids[p.Stable]; twice {
			d.complain(p.place("id"), "staff.id", "give everybody an id of their own", "this id is already that of the person %s", d.where(p, d.c.Staff[first]))
			continue
		}
		ids[p.Stable] = i
	}
	d.checkConnector(owner)
}

// checkAddress notes whose an address is; plus tags do not make another one.
func (d *decoder) checkAddress(owner map[string]int, i int, address string, alias bool) {
	if address == "" {
		return
	}
	p, key, what := d.c.Staff[i], "email", "this address"
	if alias {
		key, what = "aliases", "one of these aliases"
	}
	bare := store.BareAddress(address)
	if d.c.Exchange.Address != "" && bare == store.BareAddress(d.c.Exchange.Address) {
		d.complain(p.place(key), "staff."+key, "remove it, the exchange would write to itself", "%s is the help address", what)
		return
	}
	first, taken := owner[bare]
	switch {
	case !taken:
		owner[bare] = i
	case first != i:
		d.complain(p.place(key), "staff."+key, "each address can belong to one person only", "%s is already that of the person %s", what, d.where(p, d.c.Staff[first]))
	}
}

// where names the place of another person as seen from one.
func (d *decoder) where(from, other Person) string {
	if from.File == other.File {
		return fmt.Sprintf("in line %d", other.Line)
	}
	return fmt.Sprintf("in %s, line %d", other.File, other.Line)
}

// checkConnector remarks on a connector who is not on the list.
func (d *decoder) checkConnector(owner map[string]int) {
	if d.c.Exchange.Connector == "" {
		return
	}
	if _, known := owner[store.BareAddress(d.c.Exchange.Connector)]; !known {
		d.note(d.place("exchange.connector"), "exchange.connector", "", "exchange.connector is not on the staff list")
	}
}
