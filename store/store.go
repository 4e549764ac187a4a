// Package store is the book: the words of the domain, its rules, its calendar
// and its memory. It imports no other package of ours.
package store
