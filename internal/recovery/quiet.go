package recovery

import (
	"strings"
	"sync"
	"time"

	"cartwright/internal/cart"
)

// countryZones is the time zone of each country that has one, or several that
// show the same time. Of the others the state says it, or nothing does.
const countryZones = `
	AD Europe/Andorra, AE Asia/Dubai, AF Asia/Kabul, AG America/Antigua, AI America/Anguilla, AL Europe/Tirane, AM Asia/Yerevan,
	AO Africa/Luanda, AR America/Argentina/Buenos_Aires, AS Pacific/Pago_Pago, AT Europe/Vienna, AW America/Aruba, AX Europe/Mariehamn,
	AZ Asia/Baku, BA Europe/Sarajevo, BB America/Barbados, BD Asia/Dhaka, BE Europe/Brussels, BF Africa/Ouagadougou, BG Europe/Sofia,
	BH Asia/Bahrain, BI Africa/Bujumbura, BJ Africa/Porto-Novo, BL America/St_Barthelemy, BM Atlantic/Bermuda, BN Asia/Brunei, BO America/La_Paz,
	BQ America/Kralendijk, BS America/Nassau, BT Asia/Thimphu, BW Africa/Gaborone, BY Europe/Minsk, BZ America/Belize, CC Indian/Cocos,
	CF Africa/Bangui, CG Africa/Brazzaville, CH Europe/Zurich, CI Africa/Abidjan, CK Pacific/Rarotonga, CM Africa/Douala, CO America/Bogota,
	CR America/Costa_Rica, CU America/Havana, CV Atlantic/Cape_Verde, CW America/Curacao, CX Indian/Christmas, CY Asia/Nicosia, CZ Europe/Prague,
	DE Europe/Berlin, DJ Africa/Djibouti, DK Europe/Copenhagen, DM America/Dominica, DO America/Santo_Domingo, DZ Africa/Algiers,
	EE Europe/Tallinn, EG Africa/Cairo, EH Africa/El_Aaiun, ER Africa/Asmara, ET Africa/Addis_Ababa, FI Europe/Helsinki, FJ Pacific/Fiji,
	FK Atlantic/Stanley, FO Atlantic/Faroe, FR Europe/Paris, GA Africa/Libreville, GB Europe/London, GD America/Grenada, GE Asia/Tbilisi,
	GF America/Cayenne, GG Europe/Guernsey, GH Africa/Accra, GI Europe/Gibraltar, GM Africa/Banjul, GN Africa/Conakry, GP America/Guadeloupe,
	GQ Africa/Malabo, GR Europe/Athens, GS Atlantic/South_Georgia, GT America/Guatemala, GU Pacific/Guam, GW Africa/Bissau, GY America/Guyana,
	HK Asia/Hong_Kong, HN America/Tegucigalpa, HR Europe/Zagreb, HT America/Port-au-Prince, HU Europe/Budapest, IE Europe/Dublin,
	IL Asia/Jerusalem, IM Europe/Isle_of_Man, IN Asia/Kolkata, IO Indian/Chagos, IQ Asia/Baghdad, IR Asia/Tehran, IS Atlantic/Reykjavik,
	IT Europe/Rome, JE Europe/Jersey, JM America/Jamaica, JO Asia/Amman, JP Asia/Tokyo, KE Africa/Nairobi, KG Asia/Bishkek, KH Asia/Phnom_Penh,
	KM Indian/Comoro, KN America/St_Kitts, KP Asia/Pyongyang, KR Asia/Seoul, KW Asia/Kuwait, KY America/Cayman, KZ Asia/Almaty,
	LA Asia/Vientiane, LB Asia/Beirut, LC America/St_Lucia, LI Europe/Vaduz, LK Asia/Colombo, LR Africa/Monrovia, LS Africa/Maseru,
	LT Europe/Vilnius, LU Europe/Luxembourg, LV Europe/Riga, LY Africa/Tripoli, MA Africa/Casablanca, MC Europe/Monaco, MD Europe/Chisinau,
	ME Europe/Podgorica, MF America/Marigot, MG Indian/Antananarivo, MH Pacific/Majuro, MK Europe/Skopje, ML Africa/Bamako, MM Asia/Yangon,
	MO Asia/Macau, MP Pacific/Saipan, MQ America/Martinique, MR Africa/Nouakchott, MS America/Montserrat, MT Europe/Malta, MU Indian/Mauritius,
	MV Indian/Maldives, MW Africa/Blantyre, MY Asia/Kuala_Lumpur, MZ Africa/Maputo, NA Africa/Windhoek, NC Pacific/Noumea, NE Africa/Niamey,
	NF Pacific/Norfolk, NG Africa/Lagos, NI America/Managua, NL Europe/Amsterdam, NO Europe/Oslo, NP Asia/Kathmandu, NR Pacific/Nauru,
	NU Pacific/Niue, OM Asia/Muscat, PA America/Panama, PE America/Lima, PH Asia/Manila, PK Asia/Karachi, PL Europe/Warsaw, PM America/Miquelon,
	PN Pacific/Pitcairn, PR America/Puerto_Rico, PS Asia/Gaza, PW Pacific/Palau, PY America/Asuncion, QA Asia/Qatar, RE Indian/Reunion,
	RO Europe/Bucharest, RS Europe/Belgrade, RW Africa/Kigali, SA Asia/Riyadh, SB Pacific/Guadalcanal, SC Indian/Mahe, SD Africa/Khartoum,
	SE Europe/Stockholm, SG Asia/Singapore, SH Atlantic/St_Helena, SI Europe/Ljubljana, SJ Arctic/Longyearbyen, SK Europe/Bratislava,
	SL Africa/Freetown, SM Europe/San_Marino, SN Africa/Dakar, SO Africa/Mogadishu, SR America/Paramaribo, SS Africa/Juba, ST Africa/Sao_Tome,
	SV America/El_Salvador, SX America/Lower_Princes, SY Asia/Damascus, SZ Africa/Mbabane, TC America/Grand_Turk, TD Africa/Ndjamena,
	TF Indian/Kerguelen, TG Africa/Lome, TH Asia/Bangkok, TJ Asia/Dushanbe, TK Pacific/Fakaofo, TL Asia/Dili, TM Asia/Ashgabat, TN Africa/Tunis,
	TO Pacific/Tongatapu, TR Europe/Istanbul, TT America/Port_of_Spain, TV Pacific/Funafuti, TW Asia/Taipei, TZ Africa/Dar_es_Salaam,
	UG Africa/Kampala, UY America/Montevideo, UZ Asia/Samarkand, VA Europe/Vatican, VC America/St_Vincent, VE America/Caracas,
	VG America/Tortola, VI America/St_Thomas, VN Asia/Ho_Chi_Minh, VU Pacific/Efate, WF Pacific/Wallis, WS Pacific/Apia, YE Asia/Aden,
	YT Indian/Mayotte, ZA Africa/Johannesburg, ZM Africa/Lusaka, ZW Africa/Harare,
	UA Europe/Kyiv, NZ Pacific/Auckland`

// stateZones is the time zone in which most of a state lives, by country and
// the state's code.
const stateZones = `
	US-AL America/Chicago, US-AK America/Anchorage, US-AZ America/Phoenix, US-AR America/Chicago, US-CA America/Los_Angeles, US-CO America/Denver,
	US-CT America/New_York, US-DE America/New_York, US-DC America/New_York, US-FL America/New_York, US-GA America/New_York, US-HI Pacific/Honolulu,
	US-ID America/Boise, US-IL America/Chicago, US-IN America/Indiana/Indianapolis, US-IA America/Chicago, US-KS America/Chicago,
	US-KY America/New_York, US-LA America/Chicago, US-ME America/New_York, US-MD America/New_York, US-MA America/New_York, US-MI America/Detroit,
	US-MN America/Chicago, US-MS America/Chicago, US-MO America/Chicago, US-MT America/Denver, US-NE America/Chicago, US-NV America/Los_Angeles,
	US-NH America/New_York, US-NJ America/New_York, US-NM America/Denver, US-NY America/New_York, US-NC America/New_York, US-ND America/Chicago,
	US-OH America/New_York, US-OK America/Chicago, US-OR America/Los_Angeles, US-PA America/New_York, US-RI America/New_York, US-SC America/New_York,
	US-SD America/Chicago, US-TN America/Chicago, US-TX America/Chicago, US-UT America/Denver, US-VT America/New_York, US-VA America/New_York,
	US-WA America/Los_Angeles, US-WV America/New_York, US-WI America/Chicago, US-WY America/Denver,
	CA-AB America/Edmonton, CA-BC America/Vancouver, CA-MB America/Winnipeg, CA-NB America/Moncton, CA-NL America/St_Johns, CA-NS America/Halifax,
	CA-NT America/Edmonton, CA-ON America/Toronto, CA-PE America/Halifax, CA-QC America/Toronto, CA-SK America/Regina, CA-YT America/Whitehorse,
	AU-ACT Australia/Sydney, AU-NSW Australia/Sydney, AU-NT Australia/Darwin, AU-QLD Australia/Brisbane, AU-SA Australia/Adelaide,
	AU-TAS Australia/Hobart, AU-VIC Australia/Melbourne, AU-WA Australia/Perth,
	BR-AC America/Rio_Branco, BR-AM America/Manaus, BR-MS America/Campo_Grande, BR-MT America/Cuiaba, BR-RO America/Porto_Velho, BR-RR America/Boa_Vista,
	BR-AL America/Maceio, BR-AP America/Belem, BR-BA America/Bahia, BR-CE America/Fortaleza, BR-DF America/Sao_Paulo, BR-ES America/Sao_Paulo,
	BR-GO America/Sao_Paulo, BR-MA America/Fortaleza, BR-MG America/Sao_Paulo, BR-PA America/Belem, BR-PB America/Fortaleza, BR-PE America/Recife,
	BR-PI America/Fortaleza, BR-PR America/Sao_Paulo, BR-RJ America/Sao_Paulo, BR-RN America/Fortaleza, BR-RS America/Sao_Paulo,
	BR-SC America/Sao_Paulo, BR-SE America/Maceio, BR-SP America/Sao_Paulo, BR-TO America/Araguaina`

// zones are both tables by key.
var zones = sync.OnceValue(func() map[string]string {
	all := map[string]string{}
	for entry := range strings.SplitSeq(countryZones+","+stateZones, ",") {
		key, zone, _ := strings.Cut(strings.TrimSpace(entry), " ")
		all[key] = zone
	}
	return all
})

// zoneOf is the time zone of an address, "" when it is not known.
func zoneOf(a *cart.Address) string {
	if a == nil {
		return ""
	}
	if zone := zones()[a.CountryCode]; zone != "" {
		return zone
	}
	return zones()[a.CountryCode+"-"+strings.ToUpper(a.StateCode)]
}

// location is the time zone of a shopper, of the channel or of the store,
// whichever is known first: that of the address on the bill, of one that is
// sent to, and then what the merchant set. Zones that this machine knows
// nothing of are passed over, and UTC is what is left.
func (q *Quiet) location(c *cart.Cart) *time.Location {
	var names []string
	if co := c.Checkout; co != nil {
		names = append(names, zoneOf(co.Billing))
		for i := range co.Consignments {
			if to := &co.Consignments[i]; to.PickupID == 0 {
				names = append(names, zoneOf(&to.Address))
			}
		}
	}
	for _, own := range q.Channels {
		if own.Channel == c.ChannelID {
			names = append(names, own.TimeZone)
		}
	}
	for _, name := range append(names, q.TimeZone) {
		if name == "" {
			continue
		}
		if l, err := time.LoadLocation(name); err == nil {
			return l
		}
	}
	return time.UTC
}

// until returns when the quiet hours are over that now is in; quiet is false
// outside of them.
func (q *Quiet) until(now time.Time, c *cart.Cart) (end time.Time, quiet bool) {
	if q == nil {
		return time.Time{}, false
	}
	from, okFrom := minuteOfDay(q.From)
	to, okTo := minuteOfDay(q.To)
	if !okFrom || !okTo || from == to {
		return time.Time{}, false
	}
	here := now.In(q.location(c))
	minute := here.Hour()*60 + here.Minute()
	day := here.Day()
	switch {
	case from < to && (minute < from || minute >= to), from > to && minute < from && minute >= to:
		return time.Time{}, false
	case minute >= to: // the night ends tomorrow
		day++
	}
	end = time.Date(here.Year(), here.Month(), day, to/60, to%60, 0, 0, here.Location())
	if !end.After(now) { // where the clock is put forward over the end
		end = now.Add(time.Hour)
	}
	return end.UTC(), true
}

// minuteOfDay reads a time of day: 21:00.
func minuteOfDay(s string) (int, bool) {
	t, err := time.Parse("15:04", s)
	return t.Hour()*60 + t.Minute(), err == nil
}
