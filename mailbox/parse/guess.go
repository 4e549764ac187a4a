package parse

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// The last rung but one of the ladder: text in 8-bit characters that names no
// character set, or one it is not in. Most of it is Western, and windows-1252
// is what the last rung takes it for. Only what is clearly something else is
// read otherwise: words made of high bytes alone, in which the commonest
// letters of a script stand as often as they do in its languages, or Latin
// words in which windows-1252 would put signs and letters of no language.

// guess is the set that bytes are most likely in; "" when nothing speaks
// against windows-1252.
func guess(b []byte) string {
	sample, runs, high := excerpt(b)
	if high < 2 {
		return ""
	}
	if runs*3 >= high*2 && runs >= 6 {
		if label := guessScript(sample); label != "" {
			return label
		}
	}
	return guessLatin(sample)
}

// excerpt is the first lines with high bytes, and how many of these stand three
// and more together.
func excerpt(b []byte) (sample []byte, runs, high int) {
	const enough = 1 << 10
	it := lines{rest: b}
	for len(sample) < enough {
		line, ok := it.scan()
		if !ok {
			break
		}
		if ascii(line) {
			continue
		}
		line = line[:min(len(line), enough)]
		n := 0
		for i := 0; i <= len(line); i++ {
			if i < len(line) && line[i] >= 0x80 {
				n++
				high++
				continue
			}
			if n >= 3 {
				runs += n
			}
			n = 0
		}
		sample = append(append(sample, line...), '\n')
	}
	return sample, runs, high
}

// script is a character set, the commonest characters of what is written in it,
// and which share of a text they make up there, in percent.
type script struct {
	label  string
	common string
	share  int
}

func scripts() []script {
	const (
		cyrillic    = "оеаинтсрвлкмдпуі"
		greek       = "αοιετσνηυρπκμλςάίόέή"
		hebrew      = "יוהלאתרבשמנםד"
		arabic      = "اليمنتربودهعسف"
		thai        = "านรอกเงยลมวดทส่้ีัิ็ะไ"
		kana        = "のにはをたがでとしてすまかなれいらもこるうりくっきあよさそけえみおどめだつせじやちげばンスルトイリーアドクシラレタマプ"
		hangul      = "이다는을의에하고가를은한지사로도기리자나시어인대서스해아수들그일으요습니안녕세감합주여보라면과정원장전"
		simplified  = "的一是不了人我在有他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与高意进把法此实回二理美点月明其种声全工己话儿者向情部正名定女问力机给等几很业最间新什打便位因重被走电四第门相次东政海口使教西再平真听世气信北少关并内加化由却代军产入先山五太水万市眼体别处总才场师书比住员九笑性通目华报立马命张活难神数件安表原车白应路期叫死常提感金何更反合放做系计或司利受光王果亲界及今京务制解各任至清物台象记边共风战干接它许八特觉望直服毛林题建南度统色字请交爱让认算论百吃义科怎元社术结六功指思非流每青管夫连远资队跟带花快条院变联言权往展该领传近留红治决周保达办运武半候七必城父强步完革深区即求品士转量空甚众技轻程告江语英基派满式李息写呢识极令黄德收脸钱党倒未持取设始版双历越史商千片容研像找友孩站广改议形委早房音火际则首单据导影失拿网香似斯专石若兵弟谁校读志飞观争究包组造落视济喜离虽坏兴切古"
		traditional = "的一是不了人我在有他這中大來上國個到說們為子和你地出道也時年得就那要下以生會自著去之過家學對可她裡後小麼心多天而能好都然沒日於起還發成事只作當想看文無開手十用主行方又如前所本見經頭面公同三已老從動兩長知民樣現分將外但身些與高意進把法此實回二理美點月明其種聲全工己話兒者向情部正名定女問力機給等幾很業最間新什打便位因重被走電四第門相次東政海口使教西再平真聽世氣信北少關並內加化由卻代軍產入先山五太水萬市眼體別處總才場師書比住員請謝您老各"
	)
	return []script{
		{"windows-1251", cyrillic, 80}, {"koi8-r", cyrillic, 80}, {"koi8-u", cyrillic, 80}, {"iso-8859-5", cyrillic, 80},
		{"iso-8859-7", greek, 85}, {"windows-1253", greek, 85},
		{"windows-1255", hebrew, 75}, {"windows-1256", arabic, 75}, {"windows-874", thai, 65},
		{"shift_jis", kana, 50}, {"euc-jp", kana, 50}, {"euc-kr", hangul, 50},
		{"gb18030", simplified, 50}, {"big5", traditional, 40},
	}
}

// guessScript finds the set in which the sample's characters beyond ASCII are
// about as common as the language has them.
func guessScript(sample []byte) string {
	best, label := 55, "" // of a hundred
	for _, s := range scripts() {
		text, ok := decodeAs(sample, s.label)
		if !ok {
			continue
		}
		all, common := 0, 0
		for _, c := range text {
			if c < 0x80 || c >= 0x3000 && c <= 0x303f || c >= 0xff00 && c <= 0xff0f {
				continue
			}
			all++
			if c < 0xa0 || c == utf8.RuneError || c >= 0xe000 && c <= 0xf8ff {
				all += 2 // a control, or nothing at all
			}
			if strings.ContainsRune(s.common, c) {
				common++
			}
		}
		if all < 4 {
			continue
		}
		if score := common * 100 * 100 / all / s.share; score > best {
			best, label = score, s.label
		}
	}
	return label
}

// latin is a character set and the letters beyond ASCII of one language that is
// written in it.
type latin struct{ label, letters string }

func latins() []latin {
	const (
		polish   = "ąćęłńóśźż"
		czech    = "áčďéěíňóřšťúůýžľĺŕôä"
		magyar   = "áéíóöőúüű"
		croatian = "čćđšž"
		romanian = "ăâîşţ"
		turkish  = "çğıöşüâîûİ"
		german   = "äöüßé"
	)
	return []latin{
		{"windows-1252", german + "èáàâêëïîôûùçœÿ"}, {"windows-1252", "áéíóúñü¡¿ç·ª°º"}, {"windows-1252", "àèéìòùíç"},
		{"windows-1252", "ãõáéíóúâêôçàü"}, {"windows-1252", "åäöæøéüàê"}, {"windows-1252", "áéíóúýðþæö"},
		{"iso-8859-2", polish}, {"windows-1250", polish}, {"iso-8859-2", czech}, {"windows-1250", czech},
		{"iso-8859-2", magyar}, {"windows-1250", magyar}, {"iso-8859-2", croatian}, {"windows-1250", croatian},
		{"iso-8859-2", romanian}, {"windows-1250", romanian}, {"windows-1254", turkish},
		{"ibm850", german + "àèáíóúñçêâ"},
	}
}

// guessLatin compares how many of the letters beyond ASCII are letters of one
// language of each set. A draw is windows-1252's.
func guessLatin(sample []byte) string {
	best, label, western := 0, "", 0
	for _, l := range latins() {
		text, ok := decodeAs(sample, l.label)
		if !ok {
			continue
		}
		score := fit(text, l.letters)
		if l.label == "windows-1252" {
			western = max(western, score)
		} else if score > best {
			best, label = score, l.label
		}
	}
	if best >= 95 && western <= 80 {
		return label
	}
	return ""
}

// fit is how many of a hundred characters beyond ASCII that stand in words are
// among some letters. Signs between words say nothing: quotation marks and
// dashes are everywhere.
func fit(text, letters string) int {
	all, good := 0, 0
	before := ' '
	for i, c := range text {
		if c >= 0x80 {
			next, _ := utf8.DecodeRuneInString(text[i+utf8.RuneLen(c):])
			low := unicode.ToLower(c)
			switch {
			case c == utf8.RuneError || c < 0xa0:
				all++
			case strings.ContainsRune(letters, low) || strings.ContainsRune(letters, c):
				all, good = all+1, good+1
			case unicode.IsLetter(c) || wordy(before) && wordy(next) && c != '’':
				all++
			}
		}
		before = c
	}
	if all < 2 {
		return 0
	}
	return good * 100 / all
}

// wordy says whether a character beside a sign makes the sign part of a word: a
// letter, or another sign that is no punctuation.
func wordy(c rune) bool {
	return unicode.IsLetter(c) || c > 0xa0 && c < 0x2000 && !strings.ContainsRune("«»¡·", c)
}
