// Package digest is every word we send: it turns what the book now knows into
// letters, text and HTML. It is pure: values in, letters out; no SQL, no
// sockets, no clock.
//
// The words stand in templates, one folder a language, one file a letter, plus
// words.txt with the short strings that letters share. They are plain text:
// the layout of both parts of a mail is made from the same blocks, so text and
// HTML always say the same, and nothing a person wrote can become markup.
package digest

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	texttemplate "text/template"

	"askfirst/store"
)

//go:embed templates
var embedded embed.FS

// fallback is the language every other one falls back to, string by string.
const fallback = "en"

// Voice composes letters. It is immutable and safe for concurrent use.
type Voice struct {
	languages map[string]*language
	layout    *template.Template
}

// New reads the embedded templates and lays a school's own folder over them:
// the same names (en/help.txt, layout.html) replace ours, whatever is missing
// stays. A mistake in a template is an error that names file and line; a
// school's templates are also tried on every kind of letter, so that a mistake
// shows at the start and not at half past seven.
func New(override fs.FS) (*Voice, error) {
	ours, err := fs.Sub(embedded, "templates")
	if err != nil {
		return nil, err
	}
	v := &Voice{languages: map[string]*language{}}
	if v.layout, err = parseLayout(ours, override); err != nil {
		return nil, err
	}
	if err := v.parseLanguages(ours, override); err != nil {
		return nil, err
	}
	if override != nil {
		if err := v.try(); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// layoutName is the one file that is not words: the HTML around them.
const layoutName = "layout.html"

func parseLayout(ours, override fs.FS) (*template.Template, error) {
	from := ours
	if override != nil {
		if _, err := fs.Stat(override, layoutName); err == nil {
			from = override
		}
	}
	source, err := fs.ReadFile(from, layoutName)
	if err != nil {
		return nil, fmt.Errorf("templates: %w", err)
	}
	t, err := template.New(layoutName).Parse(string(source))
	if err != nil {
		return nil, fmt.Errorf("templates: %w", err)
	}
	for _, name := range layoutParts() {
		if t.Lookup(name) == nil {
			return nil, fmt.Errorf("templates: %s does not define %q", layoutName, name)
		}
	}
	return t, nil
}

// parseLanguages builds each language on English: English, then the language's
// own folder, then the school's, where a later string replaces an earlier one
// of the same name.
func (v *Voice) parseLanguages(ours, override fs.FS) error {
	sources := []fs.FS{ours}
	if override != nil {
		sources = append(sources, override)
	}
	tags := map[string]bool{}
	for _, source := range sources {
		entries, err := fs.ReadDir(source, ".")
		if err != nil {
			return fmt.Errorf("templates: %w", err)
		}
		for _, e := range entries {
			switch name := e.Name(); {
			case strings.HasPrefix(name, "."):
			case e.IsDir():
				tags[name] = true
			case name != layoutName:
				return fmt.Errorf("templates: %s: a letter's template belongs into the folder of its language, such as %s/%s", name, fallback, name)
			}
		}
	}
	delete(tags, fallback)
	base := texttemplate.New(fallback).Funcs(functions()).Option("missingkey=error")
	known := map[string]bool{}
	for i, source := range sources {
		if err := parseFolder(base, source, fallback, known, i == 0); err != nil {
			return err
		}
	}
	english, err := newLanguage(fallback, base)
	if err != nil {
		return err
	}
	v.languages[fallback] = english
	for _, tag := range slices.Sorted(maps.Keys(tags)) {
		set, err := base.Clone()
		if err != nil {
			return err
		}
		for _, source := range sources {
			if err := parseFolder(set, source, tag, known, false); err != nil {
				return err
			}
		}
		if v.languages[tag], err = newLanguage(tag, set); err != nil {
			return err
		}
	}
	return nil
}

// parseFolder adds one language's files to a set. The trees keep the file's
// path as their name, so that errors, also while a letter is composed, say where.
// Names that are not in known are spelling mistakes, unless first fills it.
func parseFolder(set *texttemplate.Template, source fs.FS, tag string, known map[string]bool, first bool) error {
	entries, err := fs.ReadDir(source, tag)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return fmt.Errorf("templates: %w", err)
	}
	for _, e := range entries {
		file := path.Join(tag, e.Name())
		name, isText := strings.CutSuffix(e.Name(), ".txt")
		if strings.HasPrefix(name, ".") {
			continue
		}
		if e.IsDir() || !isText || !first && !known[name] {
			return fmt.Errorf("templates: %s is not the name of a letter's template", file)
		}
		content, err := fs.ReadFile(source, file)
		if err != nil {
			return fmt.Errorf("templates: %w", err)
		}
		parsed, err := texttemplate.New(file).Funcs(functions()).Parse(string(content))
		if err != nil {
			return fmt.Errorf("templates: %w", err)
		}
		for _, t := range parsed.Templates() {
			as := t.Name()
			if as == file {
				as = name
			} else if !first && !known[as] {
				return fmt.Errorf("templates: %s defines %q, which no letter uses", file, as)
			}
			known[as] = true
			if _, err := set.AddParseTree(as, t.Tree); err != nil {
				return fmt.Errorf("templates: %s: %w", file, err)
			}
		}
	}
	return nil
}

// language picks the words for a recipient: his own language, else the
// exchange's, else English. "de-CH" is served by "de".
func (v *Voice) language(tags ...string) *language {
	for _, tag := range tags {
		tag = strings.ToLower(strings.ReplaceAll(tag, "_", "-"))
		for tag != "" {
			if l := v.languages[tag]; l != nil {
				return l
			}
			cut := strings.LastIndexByte(tag, '-')
			tag = tag[:max(cut, 0)]
		}
	}
	return v.languages[fallback]
}

// try composes one letter of every kind in every language.
func (v *Voice) try() error {
	for _, tag := range slices.Sorted(maps.Keys(v.languages)) {
		o := sample(tag)
		if _, err := v.Letters(o); err != nil {
			return err
		}
	}
	return nil
}

// functions are what templates may call besides a page's methods.
func functions() texttemplate.FuncMap {
	return texttemplate.FuncMap{
		"upper": upperFirst, // a name or "a colleague" at the start of a sentence
		"brief": func(s string) string { return shorten(s, briefLimit) },
	}
}

// kinds lists every kind of letter there is a template for.
func kinds() []string {
	return []string{
		store.KindAcknowledgement, store.KindHeld, store.KindStillHeld, store.KindLetGo, store.KindEdited, store.KindIntroduction, store.KindHint, store.KindHintPassed, store.KindInvitation, store.KindReferred, store.KindMeToo, store.KindAnswer, store.KindWhichPerson, store.KindReserve, store.KindGone,
		store.KindWhichAsk, store.KindDidItHelp, store.KindThankYou, store.KindMayIShare, store.KindThanksNoted, store.KindKeptPrivate,
		store.KindStillLooking, store.KindExpired, store.KindClosed, store.KindReopened, store.KindWithdrawn,
		store.KindTakenDown, store.KindOfferWithdrawn, store.KindHelperLeft, store.KindNoLonger,
		store.KindPaused, store.KindResumed, store.KindStopped, store.KindFrequency, store.KindHelp, store.KindStatus, store.KindUndone,
		store.KindNotBuilt, store.KindNotStaff, store.KindTooLarge, store.KindNoText, store.KindQuarantined,
		store.KindRelayToAsker, store.KindRelayToHelper, store.KindRelayHeld, store.KindApart,
		store.KindEnough, store.KindTooMany, store.KindTogether,
		store.KindConfirm, store.KindConfirmEnd, store.KindKnownAddress,
		store.KindData, store.KindForgetConfirm, store.KindForgotten, store.KindLeft,
		store.KindAdmin, store.KindDigest,
	}
}
