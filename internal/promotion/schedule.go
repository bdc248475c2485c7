package promotion

import (
	"slices"
	"time"
)

const (
	day  = 24 * time.Hour
	week = 7
)

var weekDays = [week]string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}

// open reports whether the schedule is open at an instant. Weeks begin on
// Monday and are counted from the one in which the promotion starts; times are
// UTC.
func (s *Schedule) open(start, now time.Time) bool {
	from, to := s.hours()
	today := dayOf(now)
	for d := today - 1; d <= today; d++ { // hours may go on past midnight
		if s.on(dayOf(start), d) && !now.Before(instant(d, from)) && now.Before(instant(d, to)) {
			return true
		}
	}
	return false
}

// nextChange returns the first instant after now at which the hours of a day
// begin or end; zero when no day has any.
func (s *Schedule) nextChange(start, now time.Time) time.Time {
	from, to := s.hours()
	first := dayOf(start)
	d := dayOf(now) - 1
	for range 3 * week { // some day of a week that counts is among them
		if !s.counts(first, d) {
			d = s.nextWeek(first, d)
			continue
		}
		if s.on(first, d) {
			for _, at := range []time.Time{instant(d, from), instant(d, to)} {
				if at.After(now) {
					return at
				}
			}
		}
		d++
	}
	return time.Time{}
}

// on reports whether the schedule names this day.
func (s *Schedule) on(first, d int64) bool {
	return s.counts(first, d) && (len(s.WeekDays) == 0 || slices.Contains(s.WeekDays, weekDays[weekDay(d)]))
}

// counts reports whether a day's week is one of every n-th.
func (s *Schedule) counts(first, d int64) bool {
	return (monday(d)-monday(first))/week%max(s.WeekFrequency, 1) == 0
}

// nextWeek returns the Monday of the next week that counts.
func (s *Schedule) nextWeek(first, d int64) int64 {
	every := max(s.WeekFrequency, 1)
	n := (monday(d) - monday(first)) / week
	if n < 0 {
		return monday(first)
	}
	return monday(first) + (n/every+1)*every*week
}

// hours returns from when to when the schedule is open on a day. An end that
// is not after the start is on the next day. 23:59 and 23:59:59 mean midnight:
// nobody means to leave the last seconds out.
func (s *Schedule) hours() (from, to time.Duration) {
	from, ok := timeOfDay(s.DailyStart)
	if !ok {
		from = 0
	}
	to, ok = timeOfDay(s.DailyEnd)
	if !ok || to == day-time.Minute || to == day-time.Second {
		to = day
	}
	if to <= from {
		to += day
	}
	return from, to
}

func timeOfDay(s string) (time.Duration, bool) {
	for _, layout := range []string{time.TimeOnly, "15:04"} {
		if t, err := time.Parse(layout, s); err == nil {
			return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second, true
		}
	}
	return 0, false
}

// dayOf returns the day of an instant, counted from 1 January 1970, a Thursday.
func dayOf(t time.Time) int64 {
	secs := t.Unix()
	d := secs / int64(day/time.Second)
	if secs < 0 && secs%int64(day/time.Second) != 0 {
		d--
	}
	return d
}

func weekDay(d int64) int64 { return ((d+3)%week + week) % week }

func monday(d int64) int64 { return d - weekDay(d) }

func instant(d int64, of time.Duration) time.Time {
	return time.Unix(d*int64(day/time.Second), 0).UTC().Add(of)
}
