package app

import "cartwright/internal/recovery"

// openMails makes what writes to shoppers.
func (a *App) openMails() {
	a.Mails = recovery.NewEngine(recovery.EngineConfig{
		Storage: a.DB, Service: a.Recoveries, Mailer: a.mailer(), Minter: a.Coupons, Couriers: []recovery.Courier{a.Notices}, Clock: a.Clock, Log: a.Config.Log,
	})
}

// mailer returns what hands mails over; nil sends none.
func (a *App) mailer() recovery.Mailer {
	m := a.Config.mailer
	if a.shoppers != nil && m != nil {
		return a.shoppers.Reading(m)
	}
	return m
}
