package main

import (
	"maps"
	"slices"
	"strings"
)

// envPrefix begins the names of environment variables that stand for options:
// ASKFIRST_INBOX__HOST is inbox.host, ASKFIRST_STAFF_FILE is staff_file.
const envPrefix = "ASKFIRST_"

// overlay lays environment variables over single keys of the tree. A variable
// that password_env names is a secret and no option, whatever it is called.
func (d *decoder) overlay(tree *value, options []option) {
	if tree.kind == nullKind {
		tree.kind = mapKind
	}
	if tree.kind != mapKind {
		return
	}
	secrets := map[string]bool{}
	for _, group := range []string{"inbox", "smtp"} {
		if g := tree.get(group); g != nil {
			if named := g.get("password_env"); named != nil {
				secrets[named.text] = true
			}
			if o := g.get("oauth2"); o != nil {
				if named := o.get("client_secret_env"); named != nil {
					secrets[named.text] = true
				}
			}
		}
	}
	for _, key := range []string{"INBOX", "SMTP"} {
		for _, option := range []string{"__PASSWORD_ENV", "__OAUTH2__CLIENT_SECRET_ENV"} {
			if name, ok := lookup(d.environ, envPrefix+key+option); ok {
				secrets[name] = true
			}
		}
	}
	var variables []string
	for _, line := range d.environ {
		if name, _, ok := strings.Cut(line, "="); ok && strings.HasPrefix(name, envPrefix) && !secrets[name] {
			variables = append(variables, name)
		}
	}
	slices.Sort(variables)
	for _, name := range slices.Compact(variables) {
		text, _ := lookup(d.environ, name)
		if text = strings.TrimSpace(text); text != "" { // empty is how containers say "not set"
			d.overlayOne(tree, options, name, text)
		}
	}
}

// overlayOne applies one variable.
func (d *decoder) overlayOne(tree *value, options []option, name, text string) {
	path := strings.Split(strings.ToLower(strings.TrimPrefix(name, envPrefix)), "__")
	at := place{file: "environment variable " + name}
	if len(path) == 1 {
		i := slices.IndexFunc(options, func(o option) bool { return o.key == path[0] && o.group == nil && o.key != "staff" })
		if i >= 0 {
			setKey(tree, path[0], &value{text: text, at: at}, at)
		} else if guess := envNames(options)[strings.ReplaceAll(name, "_", "")]; guess != "" {
			d.note(at, "", "did you mean "+guess+"?", "this is no option and was not used")
		}
		return // other variables with this prefix are somebody else's, or secrets
	}
	switch {
	case isOption(options, path):
		group := tree
		for _, name := range path[:len(path)-1] {
			if group.kind == mapKind {
				group = group.below(name, at)
			}
		}
		if group.kind == mapKind {
			setKey(group, path[len(path)-1], &value{text: text, at: at}, at)
		}
	case clearSecret(path[len(path)-1]):
		d.complain(at, strings.Join(path, "."), "name the variable instead: password_env: MAIL_PASSWORD",
			"a password cannot be given as an option")
	default:
		names := envNames(options)
		remedy := ""
		if guess := nearest(name, slices.Sorted(maps.Values(names))); guess != "" {
			remedy = "did you mean " + guess + "?"
		}
		d.complain(at, strings.Join(path, "."), remedy, "there is no such option")
	}
}

// isOption says whether a path of keys leads to an option that has a value.
func isOption(options []option, path []string) bool {
	i := slices.IndexFunc(options, func(o option) bool { return o.key == path[0] })
	if i < 0 || len(path) == 1 {
		return i >= 0 && options[i].group == nil
	}
	return isOption(options[i].group, path[1:])
}

// below is the group of a name, made if it is not there.
func (v *value) below(name string, at place) *value {
	group := v.get(name)
	if group == nil || group.kind == nullKind {
		group = &value{kind: mapKind, at: at}
		setKey(v, name, group, at)
	}
	return group
}

// setKey puts a key into a mapping, in place of the one that is there.
func setKey(v *value, name string, val *value, at place) {
	for i := range v.keys {
		if v.keys[i].name == name {
			v.keys[i].val, v.keys[i].at = val, at
			return
		}
	}
	v.keys = append(v.keys, entry{name, at, val})
}

// envNames are the variables that stand for options, by their names without
// underscores, so that a missing one can be told.
func envNames(options []option) map[string]string {
	names := map[string]string{}
	add := func(name string) {
		name = envPrefix + strings.ToUpper(name)
		names[strings.ReplaceAll(name, "_", "")] = name
	}
	for _, o := range options {
		for _, sub := range o.group {
			if sub.group == nil {
				add(o.key + "__" + sub.key)
			}
			for _, deeper := range sub.group {
				add(o.key + "__" + sub.key + "__" + deeper.key)
			}
		}
		if o.group == nil && o.key != "staff" {
			add(o.key)
		}
	}
	return names
}

// lookup finds the last setting of a variable, as a shell would have it.
func lookup(environ []string, name string) (string, bool) {
	for _, line := range slices.Backward(environ) {
		if key, text, ok := strings.Cut(line, "="); ok && key == name {
			return text, true
		}
	}
	return "", false
}
