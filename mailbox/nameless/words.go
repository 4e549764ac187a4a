package nameless

import "strings"

// word says whether a name is a word as well, so that its standing in a text
// says little: "Mark", "Will", "Brown", "Klein".
func word(fold string) bool { return strings.Contains(doubtful, " "+fold+" ") }

const doubtful = " mark marks will may grace bill rose art frank sue pat rob drew jack hope joy faith dawn june april august summer autumn ivy holly daisy lily violet iris olive amber ruby pearl jade gene guy dean earl duke" +
	" max miles chance chase carter hunter mason cooper taylor parker penny sandy rusty sunny melody harmony destiny trinity angel christian victor victoria ray rich grant wade heath dale glen cliff brook brooke forest" +
	" young brown green white black gray grey winter king baker cook wood woods hill field fields page long short best day bell ball ward lane park parks stone rice bush cross price banks bond burns case cash church close" +
	" cole crane field fisher ford fox french gold good hall hand hands head heart hood horn house hunt hurst knight lake lamb law little love low major marsh mills moon moore moss noble north nurse park pike pool pope" +
	" porter potter power reed rivers rock root rose rowe sage sharp shepherd singer small smart smith snow south spring stark steel street strong swan sweet tanner temple thorn tower town trainer turner tyler underwood" +
	" wall waters weaver webb weeks wells west wild wise wolf wright year years english welsh scott science music history" +
	" klein gross lang kurz schwarz weiss braun grün gruen vogel stein berg mai koch bauer schneider fischer weber wolf müller mueller muller richter kaiser könig koenig konig jung alt sommer herbst engel kraus fuchs hahn busch" +
	" winkler schreiber lehrer schuster zimmer zimmermann schäfer schafer jäger jager hirsch blum blume roth rot sonne stern wald feld bach graf mann frei gut reich stark frank ernst" +
	" petit grand leblanc blanc noir roux brun lejeune rose fleur marie pierre claire aimée aimee prudence france martin boulanger berger fontaine rivière riviere dubois dupont roy roi" +
	" rey reina flores ríos rios mar sol luz rosa blanco moreno rojo cruz campo campos sierra iglesias pastor guerrero delgado bueno leal paz dolores pilar consuelo esperanza" +
	" bakker visser smit kok boer jager meester mulder kuiper groot jong oud wit zwart bruin berg dijk bos meer water roos lief vrede dekker "

// device says whether a line is what a mail program puts below a mail.
func device(line string) bool {
	line = strings.ToLower(strings.Trim(line, " <>[]()_*~-–—."))
	if len(line) > 160 {
		return false
	}
	for _, p := range []string{"sent from my ", "sent from outlook", "sent from mail for", "sent from yahoo", "sent via ", "sent with ", "get outlook for", "von meinem ", "gesendet von ", "gesendet mit ", "diese nachricht wurde von ",
		"envoyé de mon ", "envoyé depuis ", "envoyé à partir ", "enviado desde ", "enviado con ", "verzonden vanaf ", "verzonden met ", "verzonden vanuit ", "verstuurd vanaf ", "verstuurd met "} {
		if strings.HasPrefix(line, p) {
			return true
		}
	}
	return false
}
