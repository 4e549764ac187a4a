package store

// Person is one row of the staff list, as the configuration has it. The book
// makes members of persons: it finds them again by Stable or by an address they
// had before, and adds what only time can tell.
type Person struct {
	Stable   string // optional id that survives a change of name and address; ""
	Name     string
	Email    string   // lower case
	Aliases  []string // further addresses of the same person, lower case
	Group    string   // team or school; ""
	Leader   bool
	Knows    []string // what colleagues may ask this person about
	Language string   // two letters; "" means the exchange's language
}
