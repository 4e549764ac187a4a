package store

// What other parts of the book keep of a member, where the book has them.

// forgettingMore are the queries for tables that a book may not have yet, by
// table.
func forgettingMore() map[string][]forgetting {
	return map[string][]forgetting{
		"unconfirmed": {
			{`UPDATE intake SET state = 'ignored', reason = '` + ReasonForgotten + `', decided_at = coalesce(decided_at, received_at) WHERE state = 'unconfirmed'
				AND id IN (SELECT intake FROM unconfirmed WHERE member = ?)`, 1},
			{`DELETE FROM unconfirmed WHERE member = ?`, 1},
		},
		"confirm":         {{`UPDATE confirm SET state = 'over', ended_at = coalesce(ended_at, asked_at) WHERE state = 'waiting' AND member = ?`, 1}},
		"address_waiting": {{`DELETE FROM address_waiting WHERE question IN (SELECT id FROM question WHERE member = ?)`, 1}},
		"learnt_address": {
			{`DELETE FROM learnt_address WHERE member = ?`, 1},
			{`UPDATE question SET address = '' WHERE member = ?`, 1},
		},
		"outsider": {{`DELETE FROM outsider WHERE member = ?`, 1}},
	}
}

func (t *Tx) hasTable(name string) (has bool, err error) {
	err = t.get(&has, `SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?)`, name)
	return has, err
}

// forgetUnproven forgets mail that waits to be proved, and addresses that were
// learnt.
func (t *Tx) forgetUnproven(member int64) error {
	for table, steps := range forgettingMore() {
		if has, err := t.hasTable(table); err != nil || !has {
			if err != nil {
				return err
			}
			continue
		}
		for _, step := range steps {
			if err := t.forgetStep(step, member); err != nil {
				return err
			}
		}
	}
	return nil
}
