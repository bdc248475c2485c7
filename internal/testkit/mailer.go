package testkit

import (
	"context"
	"slices"
	"sync"

	"cartwright/internal/recovery"
)

// Mailer keeps the mails that it is handed, in memory.
type Mailer struct {
	// Answer says what becomes of a mail; nil accepts it. It is called while
	// others may be, too.
	Answer func(recovery.Mail) error

	mu    sync.Mutex
	mails []recovery.Mail
}

// Deliver implements recovery.Mailer. It keeps what it accepts.
func (m *Mailer) Deliver(_ context.Context, mail recovery.Mail) error {
	var err error
	if m.Answer != nil {
		err = m.Answer(mail)
	}
	if err == nil {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.mails = append(m.mails, mail)
	}
	return err
}

// Connections implements recovery.Mailer.
func (m *Mailer) Connections() int { return 4 }

// Mails returns what was accepted, in the order in which it was.
func (m *Mailer) Mails() []recovery.Mail {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.mails)
}

// Take returns what was accepted since it was last called.
func (m *Mailer) Take() []recovery.Mail {
	m.mu.Lock()
	defer m.mu.Unlock()
	taken := m.mails
	m.mails = nil
	return taken
}
