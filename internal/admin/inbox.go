package admin

import (
	"context"

	"cartwright/internal/recovery"
)

// Inbox reads the mails that the sandbox kept.
type Inbox interface {
	// InboxMails returns the newest first, whole.
	InboxMails(ctx context.Context, q recovery.InboxQuery) ([]recovery.InboxMail, error)
	// InboxMail returns a NotFound fault for an unknown id.
	InboxMail(ctx context.Context, id int64) (*recovery.InboxMail, error)
}
