package store

import (
	"context"
	"database/sql"
	"errors"
	"sync"

	"github.com/jmoiron/sqlx"
)

// statements are queries that the engine need not read again. A query cannot be
// prepared while a transaction holds the only writing connection, so it is
// noted when it is first used and prepared before the next transaction.
type statements struct {
	mu     sync.Mutex
	ready  map[string]*sqlx.Stmt
	wanted map[string]int
}

// How many statements are kept at most, and after how many uses one is worth it.
const (
	mostStatements = 150
	worthPreparing = 3
)

// statement is the prepared query; nil: not yet.
func (b *Book) statement(query string) *sqlx.Stmt {
	s := &b.statements
	s.mu.Lock()
	defer s.mu.Unlock()
	if stmt := s.ready[query]; stmt != nil {
		return stmt
	}
	if len(s.ready) < mostStatements && len(s.wanted) < 2*mostStatements {
		if s.wanted == nil {
			s.wanted = map[string]int{}
		}
		s.wanted[query]++
	}
	return nil
}

// prepare readies what was wanted often enough. What cannot be prepared goes on
// as it is.
func (b *Book) prepare(ctx context.Context) {
	s := &b.statements
	s.mu.Lock()
	var due []string
	for query, n := range s.wanted {
		if n >= worthPreparing && len(s.ready)+len(due) < mostStatements {
			due = append(due, query)
			delete(s.wanted, query)
		}
	}
	s.mu.Unlock()
	for _, query := range due {
		stmt, err := b.write.PreparexContext(ctx, b.write.Rebind(query))
		if err != nil {
			return
		}
		s.mu.Lock()
		if s.ready == nil {
			s.ready = map[string]*sqlx.Stmt{}
		}
		s.ready[query] = stmt
		s.mu.Unlock()
	}
}

// execute runs a query in a transaction, prepared if it can be.
func (b *Book) execute(ctx context.Context, tx *sqlx.Tx, query string, args ...any) (sql.Result, error) {
	if stmt := b.statement(query); stmt != nil {
		return tx.StmtxContext(ctx, stmt).ExecContext(ctx, args...)
	}
	return tx.ExecContext(ctx, tx.Rebind(query), args...)
}

// fetch reads one row in a transaction, prepared if it can be.
func (b *Book) fetch(ctx context.Context, tx *sqlx.Tx, dest any, query string, args ...any) error {
	if stmt := b.statement(query); stmt != nil {
		return tx.StmtxContext(ctx, stmt).GetContext(ctx, dest, args...)
	}
	return tx.GetContext(ctx, dest, tx.Rebind(query), args...)
}

func (b *Book) closeStatements() error {
	s := &b.statements
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	for _, stmt := range s.ready {
		err = errors.Join(err, stmt.Close())
	}
	s.ready = nil
	return err
}
