package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// The staff list as a spreadsheet saves it: a header that names the columns in
// any order, commas, semicolons or tabs, a byte order mark or none, UTF-8 or
// what older versions of Excel write instead.

// readStaffFile adds the people of staff_file to those of the file.
func (d *decoder) readStaffFile() {
	if d.c.StaffFile == "" {
		return
	}
	d.c.StaffFile = d.c.resolve(d.c.StaffFile)
	raw, err := d.staffText()
	if err != nil {
		d.complain(d.place("staff_file"), "staff_file", "relative paths start at the folder of the configuration",
			"staff_file %s: %v", shown(d.c.StaffFile), err)
		return
	}
	d.c.staffText = raw
	d.staffCSV(d.c.StaffFile, raw)
}

// staffText is what stands in staff_file, or stood in it when it was last used.
func (d *decoder) staffText() ([]byte, error) {
	if d.staff != nil {
		return *d.staff, nil
	}
	return readBounded(d.c.StaffFile, maxConfigSize)
}

// staffCSV reads the rows.
func (d *decoder) staffCSV(file string, raw []byte) {
	text, skipped := csvText(raw)
	if i := bytes.IndexByte(text, 0); i >= 0 || bytes.HasPrefix(text, []byte("PK\x03\x04")) {
		d.complain(place{file: file}, "staff_file", "save the sheet as CSV (comma separated)", "this is not a CSV text")
		return
	}
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma = csvDelimiter(text)
	r.FieldsPerRecord = -1
	var columns []string
	lines := bytes.SplitAfter(text, []byte("\n"))
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		var pe *csv.ParseError
		if errors.As(err, &pe) {
			// Reading on after an open quotation mark would take the next rows
			// for a part of the cell, and their people would be missing.
			d.complain(place{file, pe.StartLine + skipped, 1}, "staff_file", `put the cell in quotation marks and double those within it: "Sport ""A"""`,
				"a quotation mark in this row is not closed, or stands in the middle of a cell")
			return
		}
		at := func(i int) place {
			line, col := r.FieldPos(i)
			before := lines[line-1]
			before = before[:min(col-1, len(before))]
			// FieldPos counts bytes; people count characters.
			return place{file, line + skipped, utf8.RuneCount(before) + 1}
		}
		if columns == nil {
			if columns = d.csvHeader(row, at); columns == nil {
				return
			}
			continue
		}
		d.csvRow(columns, row, at)
	}
	if columns == nil {
		d.complain(place{file, 1, 1}, "staff_file", "begin with the line name,email,aliases,group,leader,knows,language", "the staff list is empty")
	}
}

// csvText is the file as UTF-8, without byte order mark and without the line
// "sep=;" that Excel understands, which is counted in skipped.
func csvText(raw []byte) (text []byte, skipped int) {
	text = bytes.TrimPrefix(fromUTF16(raw), []byte("\ufeff"))
	if !utf8.Valid(text) {
		if decoded, err := charmap.Windows1252.NewDecoder().Bytes(text); err == nil {
			text = decoded
		}
	}
	if line, rest, ok := bytes.Cut(text, []byte("\n")); ok && bytes.HasPrefix(bytes.ToLower(line), []byte("sep=")) {
		return rest, 1
	}
	return text, 0
}

// csvDelimiter is the one of the three that the header has most of.
func csvDelimiter(text []byte) rune {
	header, _, _ := bytes.Cut(bytes.TrimLeft(text, "\r\n"), []byte("\n"))
	best := ','
	for _, c := range ";\t" {
		if bytes.Count(header, []byte(string(c))) > bytes.Count(header, []byte(string(best))) {
			best = c
		}
	}
	return best
}

// csvHeader reads the names of the columns; nil when they are unusable.
func (d *decoder) csvHeader(row []string, at func(int) place) []string {
	known := []string{"name", "email", "aliases", "group", "leader", "knows", "language", "id"}
	same := map[string]string{"e-mail": "email", "mail": "email", "email address": "email", "full name": "name", "alias": "aliases", "team": "group", "school": "group"}
	columns := make([]string, len(row))
	wrong := len(d.problems)
	if strings.Contains(strings.Join(row, ""), "@") {
		d.complain(at(0), "staff_file", "begin the file with the line name,email,aliases,group,leader,knows,language",
			"the first line must name the columns")
		return nil
	}
	for i, cell := range row {
		name := strings.ToLower(strings.TrimSpace(cell))
		if meant := same[name]; meant != "" {
			name = meant
		}
		switch {
		case name == "":
		case !slices.Contains(known, name):
			remedy := "the columns are " + listed(known, "and")
			if guess := nearest(name, known); guess != "" {
				remedy = "did you mean " + guess + "?"
			}
			d.complain(at(i), "staff_file", remedy, "%s is not a column of the staff list", shown(cell))
		case slices.Contains(columns, name):
			d.complain(at(i), "staff_file", "keep one of the two", "the column %s stands here a second time", name)
		}
		columns[i] = name
	}
	for _, must := range []string{"name", "email"} {
		if len(d.problems) == wrong && !slices.Contains(columns, must) {
			d.complain(at(0), "staff_file", "begin the file with the line name,email,aliases,group,leader,knows,language", "there is no column %s", must)
		}
	}
	if len(d.problems) > wrong {
		return nil
	}
	return columns
}

// csvRow reads one person. It makes the same tree as YAML would, so that the
// same rules and sentences hold.
func (d *decoder) csvRow(columns, row []string, at func(int) place) {
	if strings.TrimSpace(strings.Join(row, "")) == "" {
		return
	}
	v := &value{kind: mapKind, at: at(0)}
	v.at.col = 1
	for i, cell := range row {
		cell = strings.Join(strings.Fields(cell), " ")
		if cell == "" {
			continue
		}
		if i >= len(columns) || columns[i] == "" {
			d.complain(at(i), "staff_file", "put cells that contain the separator in quotation marks", "this row has a cell under no column")
			return
		}
		leaf := &value{text: cell, at: at(i)}
		if columns[i] == "aliases" || columns[i] == "knows" {
			leaf.kind, leaf.text = listKind, ""
			for _, word := range strings.Split(cell, "|") {
				if word = strings.TrimSpace(word); word != "" {
					leaf.items = append(leaf.items, &value{text: word, at: at(i)})
				}
			}
		}
		v.keys = append(v.keys, entry{columns[i], at(i), leaf})
	}
	d.person(v)
}
