package main

import (
	"askfirst/mailbox"
	"askfirst/mailbox/words"
)

// The phrases that a school adds to what is understood: under words, a list for
// each kind of thing that people say.

// ownWords is the keys under words.
func (d *decoder) ownWords() []option {
	var options []option
	for _, section := range words.Extensible() {
		options = append(options, option{key: section, read: d.phrases(section)})
	}
	return options
}

// phrases reads the phrases of one section. What would act by accident is
// refused with its place.
func (d *decoder) phrases(section string) func(string, *value) {
	return func(key string, v *value) {
		delete(d.c.Words, section)
		for _, item := range d.items(key, v) {
			if err := words.Standard().Check(section, item.text); err != nil {
				d.complain(item.at, key, "choose a phrase that says it by itself", "%s: %s", key, err.Error())
				continue
			}
			if d.c.Words == nil {
				d.c.Words = map[string][]string{}
			}
			d.c.Words[section] = append(d.c.Words[section], item.text)
		}
	}
}

// finishWords makes the exchange's vocabulary.
func (d *decoder) finishWords() {
	count := 0
	for _, list := range d.c.Words {
		count += len(list)
	}
	switch {
	case count == 0:
		return
	case count > words.MostPhrases:
		d.complain(d.place("words"), "words", "keep those that your colleagues really write", "words has %d phrases, and %d are the most", count, words.MostPhrases)
		return
	}
	own, err := words.Standard().With(d.c.Words)
	if err != nil {
		d.complain(d.place("words"), "words", "", "words: %s", err.Error())
		return
	}
	d.c.vocabulary = own
}

// Policy is what the understanding of mail must know of the configuration.
func (c *Config) Policy() mailbox.Policy {
	return mailbox.Policy{Verify: c.Senders.Verify, AuthservIDs: c.Senders.AuthservIDs, Hops: c.Senders.Hops,
		MaxSize: c.Inbox.MaxSize, Words: c.vocabulary, Hold: c.detector}
}
