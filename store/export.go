package store

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

// Row is one row of the book for `askfirst export`.
type Row struct {
	Table string         `json:"table"`
	Row   map[string]any `json:"row"`
}

// secretTables and secretColumns never leave the book: with them somebody could
// make letters of ours, undo what was forgotten, or learn who asked without a
// name.
func secretTables() []string {
	return []string{"book", "goose_db_version", "forgotten_address", "forget_search", "wording_erase", "member_name", "ask_sealed", "token_key"}
}

func secretColumns() []string {
	return []string{"intake.duplicate", "intake.sender", "intake.sha256", "wording.sha256", "letter.message_id"}
}

// ofMember is, for every table with something of a person, which rows are. Each
// ? is the member.
func ofMember() map[string]string {
	return map[string]string{
		"member":          `id = ?`,
		"member_address":  `member = ?`,
		"intake":          `member = ?`,
		"intake_raw":      `intake IN (SELECT id FROM intake WHERE member = ?)`,
		"consequence":     `intake IN (SELECT id FROM intake WHERE member = ?)`,
		"ask":             `number IN (` + asksOfMember + `)`,
		"held_edit":       `ask IN (` + asksOfMember + `)`,
		"ask_party":       `member = ?`,
		"offer":           `party IN (SELECT id FROM ask_party WHERE role = 'helper' AND member = ?)`,
		"metoo":           `party IN (SELECT id FROM ask_party WHERE member = ?)`,
		"referral":        `invited IN (SELECT id FROM ask_party WHERE member = ?) OR connector IN (SELECT id FROM ask_party WHERE member = ?)`,
		"thanks":          `id IN (` + thanksOf + `)`,
		"thanks_to":       `member = ?`,
		"question":        `member = ?`,
		"letter":          `member = ?`,
		"outbox":          `letter IN (SELECT id FROM letter WHERE member = ?)`,
		"later":           `letter IN (SELECT id FROM letter WHERE member = ?)`,
		"wording":         `id IN (SELECT wording FROM letter WHERE member = ?)`,
		"wording_item":    `wording IN (SELECT wording FROM letter WHERE member = ?)`,
		"wording_thanks":  `wording IN (SELECT wording FROM letter WHERE member = ?)`,
		"edition":         `member = ?`,
		"undoable":        `member = ?`,
		"bounce":          `member = ?`,
		"bounce_pause":    `member = ?`,
		"allowance":       `member = ?`,
		"confirm":         `member = ?`,
		"unconfirmed":     `member = ?`,
		"learnt_address":  `member = ?`,
		"address_waiting": `question IN (SELECT id FROM question WHERE member = ?)`,
	}
}

// Export hands over every row of the book, table by table, or only those of one
// member; 0: of everybody. It is one look: what changes meanwhile is not seen.
func (b *Book) Export(ctx context.Context, member int64, emit func(Row) error) error {
	tx, err := b.read.BeginTxx(ctx, nil)
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	defer tx.Rollback()
	tables := []string{}
	if err := tx.SelectContext(ctx, &tables, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	for _, table := range tables {
		where := ""
		if member != 0 {
			if where = ofMember()[table]; where == "" {
				continue
			}
		}
		if slices.Contains(secretTables(), table) {
			continue
		}
		if err := exportTable(ctx, tx, table, where, member, emit); err != nil {
			return fmt.Errorf("export of %s: %w", table, err)
		}
	}
	return nil
}

// revealing are the keys of introductions in which somebody without a name gave
// it to one colleague: an export shows neither what they say nor to whom they are
// answered.
const revealing = `SELECT key FROM letter WHERE kind = 'introduction' AND address LIKE '%` + sealedDomain + `'`

func exportTable(ctx context.Context, tx *sqlx.Tx, table, where string, member int64, emit func(Row) error) error {
	query := `SELECT * FROM ` + table
	if table == "wording" {
		where = strings.TrimPrefix(where+` AND id NOT IN (SELECT wording FROM letter WHERE key IN (`+revealing+`))`, " AND ")
	}
	if table == "intake_raw" { // an ask without a name, which waits for its writer's yes, is not shown beside the name
		where = strings.TrimPrefix(where+` AND intake NOT IN (SELECT u.intake FROM unconfirmed u WHERE `+namelessWaiting+`)`, " AND ")
	}
	if where != "" {
		query += ` WHERE ` + where
	}
	keys := []string{}
	if err := tx.SelectContext(ctx, &keys, revealing); err != nil {
		return err
	}
	revealed := map[string]bool{}
	for _, key := range keys {
		revealed[key] = true
	}
	rows, err := tx.QueryxContext(ctx, tx.Rebind(query), eachIs(query, member)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		row := map[string]any{}
		if err := rows.MapScan(row); err != nil {
			return err
		}
		for column, value := range row {
			if slices.Contains(secretColumns(), table+"."+column) {
				delete(row, column)
				continue
			}
			if table == "letter" && column == "reply_to" && revealed[fmt.Sprint(row["key"])] {
				value = "[]"
			}
			if row[column], err = exported(table, column, value); err != nil {
				return fmt.Errorf("%s: %w", column, err)
			}
		}
		if err := emit(Row{table, row}); err != nil {
			return err
		}
	}
	return rows.Err()
}

// exported is a value as JSON has it: a time as text, deflated words as words,
// other bytes in base64.
func exported(table, column string, value any) (any, error) {
	switch v := value.(type) {
	case []byte:
		if table == "wording" {
			return inflate(v)
		}
		return base64.StdEncoding.EncodeToString(v), nil
	case int64:
		if v > 0 && (column == "at" || column == "since" || column == "until" || column == "due" || strings.HasSuffix(column, "_at")) {
			return instant(v).Format(time.RFC3339), nil
		}
	}
	return value, nil
}
