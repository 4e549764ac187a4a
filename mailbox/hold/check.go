package hold

import (
	"strconv"
	"strings"
)

// Check digits: what they prove needs no word beside it.

// digitsOf is the digits of a text.
func digitsOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// plain is letters and digits alone, in capitals.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' {
			return r
		}
		return -1
	}, strings.ToUpper(s))
}

// luhn checks a card's last digit (ISO/IEC 7812-1 annex B).
func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// card says whether digits begin as cards of that length do.
func card(digits string) bool {
	switch len(digits) {
	case 14:
		return strings.HasPrefix(digits, "30") || strings.HasPrefix(digits, "36") || strings.HasPrefix(digits, "38")
	case 15:
		return strings.HasPrefix(digits, "34") || strings.HasPrefix(digits, "37")
	case 16:
		return strings.Contains("2456", digits[:1])
	}
	return strings.Contains("456", digits[:1])
}

// validIBAN checks country, length and the remainder of ISO 13616. Words that
// follow without a mark are cut off by the length.
func validIBAN(s string) bool {
	s = plain(s)
	length := 0
	switch s[:min(2, len(s))] {
	case "NO":
		length = 15
	case "BE":
		length = 16
	case "NL", "DK", "FI":
		length = 18
	case "AT", "LU", "LT":
		length = 20
	case "CH", "LI", "HR", "LV":
		length = 21
	case "DE", "GB", "IE", "BG":
		length = 22
	case "ES", "SE", "CZ", "SK", "RO":
		length = 24
	case "PT":
		length = 25
	case "FR", "IT", "GR", "MC":
		length = 27
	case "PL", "HU", "CY":
		length = 28
	}
	if length == 0 || len(s) < length {
		return false
	}
	rest := 0
	for _, r := range s[4:length] + s[:4] {
		if r >= 'A' {
			rest = (rest*100 + int(r-'A') + 10) % 97
		} else {
			rest = (rest*10 + int(r-'0')) % 97
		}
	}
	return rest == 1
}

// validSSN knows which American numbers were never given.
func validSSN(s string) bool {
	area, group, serial := s[:3], s[4:6], s[7:]
	return area != "000" && area != "666" && area[0] != '9' && group != "00" && serial != "0000"
}

// validEAN checks the last of thirteen digits, as the Swiss number has it.
func validEAN(digits string) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[i] - '0')
		if i%2 == 1 {
			d *= 3
		}
		sum += d
	}
	return len(digits) == 13 && sum%10 == 0
}

// validBelgian checks a Belgian register number; from 2000 on a 2 leads.
func validBelgian(digits string) bool {
	n, err := strconv.ParseInt(digits[:9], 10, 64)
	check, err2 := strconv.ParseInt(digits[9:], 10, 64)
	return err == nil && err2 == nil && (97-n%97 == check || 97-(n+2_000_000_000)%97 == check)
}

// validINSEE checks a French number: 97 less the remainder is the key.
func validINSEE(s string) bool {
	s = plain(s)
	if len(s) != 15 {
		return false
	}
	less := int64(0)
	switch s[6] {
	case 'A':
		less = 1_000_000
	case 'B':
		less = 2_000_000
	}
	n, err := strconv.ParseInt(strings.NewReplacer("A", "0", "B", "0").Replace(s[:13]), 10, 64)
	key, err2 := strconv.ParseInt(s[13:], 10, 64)
	return err == nil && err2 == nil && 97-(n-less)%97 == key
}

// validNINO knows the prefixes that British numbers do not have.
func validNINO(s string) bool {
	switch s = plain(s); s[:2] {
	case "BG", "GB", "NK", "KN", "TN", "NT", "ZZ":
		return false
	}
	return true
}

// validDNI checks the letter of a Spanish number.
func validDNI(s string) bool {
	s = plain(s)
	digits := strings.NewReplacer("X", "0", "Y", "1", "Z", "2").Replace(s[:len(s)-1])
	n, err := strconv.Atoi(digits)
	return err == nil && len(digits) == 8 && s[len(s)-1] == "TRWAGMYFPDXBNJZSQVHLCKE"[n%23]
}
