package main

import (
	"fmt"
	"slices"
	"strings"

	"askfirst/store"
)

// decoder fills a Config from a tree and collects what is wrong.
type decoder struct {
	c        *Config
	problems Problems
	places   map[string]place // where each option stands, by dotted key
	given    map[string]bool  // the options that have a value
	meant    map[string]bool  // the options that a misspelt key stands for
	environ  []string
	firstDay store.Date // inbox.since when it is a date: its midnight needs the time zone
	staff    *[]byte    // what stood in the staff list; nil: it is read
}

func newDecoder(path string, environ []string) *decoder {
	return &decoder{c: defaultConfig(path), places: map[string]place{}, given: map[string]bool{}, meant: map[string]bool{}, environ: environ}
}

// option is one key that a group may have.
type option struct {
	key   string
	group []option // the keys below it; nil: it has a value
	read  func(key string, v *value)
}

// maxProblems is where counting mistakes stops helping.
const maxProblems = 1000

// clearSecret says whether people write a password in clear under a key.
func clearSecret(name string) bool {
	name = strings.ToLower(name)
	switch name {
	case "password_file", "password_env", "password_command":
		return false
	case "pass", "pw", "pwd", "secret", "token", "client_secret", "refresh_token", "private_key":
		return true
	}
	return strings.Contains(name, "passw") || strings.Contains(name, "passphrase")
}

// complain records a problem with the option at its place.
func (d *decoder) complain(at place, key, remedy, format string, args ...any) {
	if len(d.problems) < maxProblems {
		d.problems = append(d.problems, Problem{at.file, at.line, at.col, key, fmt.Sprintf(format, args...), remedy})
	}
}

// note records what is allowed and yet worth a look.
func (d *decoder) note(at place, key, remedy, format string, args ...any) {
	d.c.notes = append(d.c.notes, Problem{at.file, at.line, at.col, key, fmt.Sprintf(format, args...), remedy})
}

// group reads the keys of one mapping.
func (d *decoder) group(path string, v *value, options []option) {
	if v.kind == nullKind {
		return
	}
	if v.kind != mapKind {
		name := path
		if name == "" {
			name = "the file"
		}
		d.complain(v.at, path, "", "%s must be a group of options, such as %s", name, options[0].key+": …")
		return
	}
	secret := slices.ContainsFunc(v.keys, func(e entry) bool { return clearSecret(e.name) })
	for _, e := range v.keys {
		if len(d.problems) >= maxProblems {
			return
		}
		key := joinKey(path, e.name)
		i := slices.IndexFunc(options, func(o option) bool { return o.key == e.name })
		switch {
		case i >= 0 && options[i].group != nil:
			d.places[key] = e.at
			d.group(key, e.val, options[i].group)
		case i >= 0 && e.val.kind == nullKind:
			d.places[key] = e.at
		case i >= 0:
			d.places[key], d.given[key] = e.val.at, true
			options[i].read(key, e.val)
		default:
			d.unknown(path, e, options, secret)
		}
	}
}

// unknown complains of a key that is no option. Beside a password in clear no
// unknown word is repeated: it may be the rest of the password.
func (d *decoder) unknown(path string, e entry, options []option, secret bool) {
	var names []string
	for _, o := range options {
		names = append(names, o.key)
	}
	guess := nearest(e.name, names)
	where := "at the top of the file"
	if path != "" {
		where = "under " + path
	}
	switch home := d.home(e.name, path); {
	case clearSecret(e.name) && (guess == "" || len(e.name) < len("password_")):
		example := "password_file: smtp.password"
		if strings.HasSuffix(path, "oauth2") {
			example = "client_secret_file: mail.secret"
		}
		d.complain(e.at, joinKey(path, e.name), "write it into a file that only this service may read and name the file: "+example,
			"a password does not belong in the configuration")
	case guess != "" && home == "": // the very name of another place's option is no misspelling
		d.meant[joinKey(path, guess)] = true
		d.complain(e.at, joinKey(path, e.name), "did you mean "+guess+"?", "%s is not an option %s", shown(e.name), where)
	case secret:
		d.complain(e.at, path, "", "this is not an option %s", where)
	case home != "":
		d.complain(e.at, joinKey(path, e.name), "it belongs "+home, "%s is not an option %s", shown(e.name), where)
	default:
		d.complain(e.at, joinKey(path, e.name), "the options "+where+" are "+listed(names, "and"),
			"%s is not an option %s", shown(e.name), where)
	}
}

// home is where an option that was put in the wrong group belongs; "" when
// there is no such option anywhere.
func (d *decoder) home(name, path string) string {
	var groups []string
	for _, o := range d.options() {
		if o.key == name && path != "" {
			return "at the top of the file"
		}
		if slices.ContainsFunc(o.group, func(o option) bool { return o.key == name }) {
			groups = append(groups, o.key)
		}
	}
	if len(groups) == 0 {
		return ""
	}
	return "under " + listed(groups, "or")
}

// place is where an option stands, or else the group it is missing from.
func (d *decoder) place(key string) place {
	for {
		if at, ok := d.places[key]; ok {
			return at
		}
		i := strings.LastIndexByte(key, '.')
		if i < 0 {
			return place{d.c.Path, 1, 1}
		}
		key = key[:i]
	}
}

// require complains of an option without which nothing works.
func (d *decoder) require(key string, present bool, example string) {
	if present || d.doubtful(key) {
		return
	}
	group, _, _ := strings.Cut(key, ".")
	d.complain(d.place(key), key, "write under "+group+" for example "+example, "%s is missing", key)
}

// complained says whether something was wrong with the option already.
func (d *decoder) complained(key string) bool {
	return slices.ContainsFunc(d.problems, func(p Problem) bool { return p.Key == key })
}

// doubtful says whether a complaint about the option, about a group around it
// or about a misspelling of either explains already why it has no value.
func (d *decoder) doubtful(key string) bool {
	for {
		if d.complained(key) || d.meant[key] {
			return true
		}
		i := strings.LastIndexByte(key, '.')
		if i < 0 {
			return false
		}
		key = key[:i]
	}
}
