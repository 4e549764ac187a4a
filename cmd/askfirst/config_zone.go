package main

import (
	"strings"
	"time"
)

// timezone reads an IANA time zone.
func (d *decoder) timezone(key string, v *value) {
	s, ok := d.scalar(key, v, 4096)
	if !ok {
		return
	}
	// "Local" is whatever the machine is set to: a digest must not move with it.
	location, err := time.LoadLocation(s)
	if err != nil || strings.EqualFold(s, "local") {
		remedy := "write the nearest large city as Region/City, like Europe/London"
		if guess := nearestZone(s); guess != "" && !strings.EqualFold(s, "local") {
			remedy = "did you mean " + guess + "?"
		}
		d.complain(v.at, key, remedy, "%s must be a time zone, not %s", key, shown(s))
		return
	}
	d.c.Exchange.Timezone, d.c.Exchange.Location = s, location
}

// nearestZone suggests a time zone for what people write instead of one: the
// city alone, a slip, or the name that Windows has for it.
func nearestZone(s string) string {
	windows := map[string]string{
		"gmt standard time": "Europe/London", "w. europe standard time": "Europe/Berlin",
		"romance standard time": "Europe/Paris", "central europe standard time": "Europe/Budapest",
		"central european standard time": "Europe/Warsaw", "eastern standard time": "America/New_York",
		"central standard time": "America/Chicago", "mountain standard time": "America/Denver",
		"pacific standard time": "America/Los_Angeles", "aus eastern standard time": "Australia/Sydney",
		"new zealand standard time": "Pacific/Auckland", "gmt": "Europe/London", "bst": "Europe/London",
		"uk": "Europe/London", "germany": "Europe/Berlin", "france": "Europe/Paris", "spain": "Europe/Madrid",
		"netherlands": "Europe/Amsterdam", "ireland": "Europe/Dublin",
	}
	if zone := windows[strings.ToLower(s)]; zone != "" {
		return zone
	}
	zones := strings.Fields(zoneNames)
	if !strings.Contains(s, "/") {
		cities := make(map[string]string, len(zones))
		var names []string
		for _, zone := range zones {
			city := zone[strings.LastIndexByte(zone, '/')+1:]
			if cities[city] == "" {
				cities[city], names = zone, append(names, city)
			}
		}
		return cities[nearest(s, names)]
	}
	return nearest(s, zones)
}
