package main

import (
	"context"
	"fmt"
	"time"

	"askfirst/store"
)

// whereAudit is the trouble that status tells when the nightly audit found
// something.
const whereAudit = "audit"

// nightlyHour is the local hour from which on the book is audited, once a day.
const nightlyHour = 3

// nightly audits the book once a local day. What it finds is a trouble until an
// audit finds nothing.
func (d *daemon) nightly(ctx context.Context, now time.Time) error {
	calendar := d.config.Calendar()
	today := calendar.Date(now)
	if d.audited == today || now.Before(calendar.Instant(today, store.Clock{Hour: nightlyHour})) {
		return nil
	}
	if err := d.book.RotateTokens(ctx, now); err != nil {
		return err
	}
	findings, err := d.findings(ctx)
	if err != nil || ctx.Err() != nil {
		return err
	}
	d.audited = today
	if len(findings) == 0 {
		d.log.Info("audit", "findings", 0)
		return d.book.SetTrouble(ctx, whereAudit, "", now)
	}
	for _, f := range findings[:min(len(findings), 20)] {
		d.log.Error("audit", "code", f.Code, "ref", f.Ref, "detail", f.Detail)
	}
	return d.book.SetTrouble(ctx, whereAudit, fmt.Sprintf("%d findings, the first is %s (%s); see askfirst audit", len(findings), findings[0].Code, findings[0].Ref), now)
}

func (d *daemon) findings(ctx context.Context) ([]store.Finding, error) {
	audit, err := d.book.Audit(ctx)
	if err != nil {
		return nil, err
	}
	return newAuditReport(audit).Findings, nil
}
