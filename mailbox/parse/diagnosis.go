package parse

import "strings"

// What the words of a delivery report mean, in lower case. They are read only
// where a mail system speaks, and only where its codes say nothing.

// failureWords tell of a letter that did not arrive, or not yet.
func failureWords() string {
	const words = "final-recipient:|undeliver|not be delivered|n't be delivered|not delivered|not been delivered|delivery failed|delivery has failed|delivery failure|delivery fail|" +
		"delivery status notification|delivery notification|failure notice|failed to deliver|returned mail|returned to sender|returning message|returning your mail|unable to deliver|cannot deliver|" +
		"permanent error|fatal errors|delivery errors|delivery error|mail failure|mail system error|user unknown|unknown user|could not be sent|delivery delayed|delivery is delayed|did not reach|wasn't delivered|" +
		"unzustellbar|nicht zugestellt|zustellung fehlgeschlagen|zustellfehler|nicht übermittelt|verzögert zugestellt|" +
		"non remis|pas pu être remis|pas pu être distribu|non distribu|échec de la remise|échec de remise|échec de livraison|pas pu être livré|remise retardée|" +
		"no se pudo entregar|no se ha podido entregar|no se puede entregar|no entregado|no pudo ser entregado|error de entrega|error en la entrega|entrega fallida|correo devuelto|" +
		"onbestelbaar|niet worden bezorgd|niet bezorgd|niet worden afgeleverd|niet afgeleverd|bezorging mislukt|bezorging is mislukt|aflevering mislukt|" +
		"mancato recapito|impossibile recapitare|non recapitabile|mancata consegna|" +
		"não foi possível entregar|não entregue|falha na entrega|não pôde ser entregue|" +
		"送信できません|配信できません|送信エラー|メールエラー|配送できません|无法投递|无法送达|退信|не доставлено|недоставленное|nie dostarczono|niedostarczona"
	return words
}

// delayWords tell that the system goes on trying.
func delayWords() string {
	const words = "will be retried|will retry|still being retried|keep trying|not yet been delivered|warning message only|delivery attempts will continue|delivery delayed|delivery is delayed|has been delayed|message delayed|(delay)|could not send mail for past|will continue to try|continue trying|is still in the queue|delayed mail|" +
		"verzögert|wird weiterhin versucht|retardée|retardé|remise différée|retrasado|se ha retrasado|con retraso|vertraagd|vertraging|ritardo"
	return words
}

// meaning is one kind of trouble: how systems word it, and its code by RFC 3463.
type meaning struct {
	detail string // subject and detail of the code
	words  string // with bars between
}

// meanings are the kinds of trouble, those first whose words stand beside the
// words of others: a full mailbox is also "unavailable".
func meanings() [9]meaning {
	return [...]meaning{
		{"2.2", "mailbox full|mailbox is full|mailfolder is full|inbox is full|account is full|full mailbox|over quota|overquota|over its quota|over the quota|quota exceeded|exceeded quota|exceeds quota|exceeded its quota|exceeded his quota|quota exceed|exceeded storage|storage limit|storage exceeded|storage quota|disk quota|over the allowed quota|mailbox size limit|exceeded the local limit|out of storage|not enough storage|insufficient disk|too many messages in|mailbox exceeds|no space left|quotaexceeded|quotaexceededexception|" +
			"postfach ist voll|postfach voll|postfach des empfängers ist voll|speicherplatz|boîte pleine|boîte aux lettres est pleine|boîte de réception est pleine|quota dépassé|buzón lleno|buzón está lleno|buzón del destinatario está lleno|postvak is vol|postvak vol|mailbox is vol|casella piena|casella è piena|caixa postal cheia|が一杯"},
		{"3.4", "too large|too big|too long|size limit|exceeds the maximum|exceeded maximum|exceeds maximum|maximum message size|message size exceeds|size exceeds|zu groß|trop volumineux|demasiado grande|te groot|troppo grande"},
		{"1.8", "sender address|domain of sender|sender verif|verify sender|verifying sender|verify mail from|sender domain|sender not|sender rejected|bad sender|invalid sender|after mail from|reply to mail from|from: domain is invalid|invalid from|no valid sender"},
		{"7.1", "spam|blocked|blacklist|block list|blocklist|black list|banned|access denied|relay|policy|not permitted|not allowed|not authorized|unauthorized|authentication|dmarc|spf |dkim|reputation|virus|content reject|message reject|rejected due to|mail rejete|unsolicited|dnsbl|restricted|you are not member|are not a member|security|suspicious|abuse|no ptr|reverse dns|client host rejected|rate limit|at a rate that|too many connections|not accepting connections|too many recipients"},
		{"1.2", "host unknown|unknown host|host not found|host or domain name not found|domain not found|domain does not exist|no such domain|unknown domain|bad destination host|unrouteable|unroutable|no mx|no mail exchanger|no route to|name service error|nullmx|null mx|not be found in dns|couldn't find any host|domain name not found|illegal host"},
		{"2.1", "account has been disabled|account disabled|account is disabled|mailbox disabled|account is inactive|account inactive|mailbox is inactive|has been suspended|account suspended|disabled or discontinued|deactivated|no longer active|user disabled"},
		{"1.1", "user unknown|unknown user|no such user|user not found|usernotfound|user doesn't|user does not|does not exist|doesn't exist|doesnt exist|does not have|doesn't have a|unknown recipient|recipient unknown|recipient not found|recipnotfound|no such recipient|recipient name is not recognized|recipient rejected|recipient address rejected|invalid recipient|bad recipient|mailbox unavailable|mailbox not found|mailbox unknown|unknown mailbox|no mailbox|no such mailbox|invalid mailbox|unknown address|address unknown|address not found|address error|invalid address|bad address|bad destination mailbox|no such address|no such person|no such account|no such id|unknown account|unknown local|no account|account not found|invalid user|invalid final delivery userid|not a valid|not listed in|isn't a valid|is not a registered|not our customer|couldn't be found|wasn't found|no longer available|not known|undeliverable address|does not like recipient|address rejected|nobody here|mailbox name not allowed|" +
			"unbekannt|existiert nicht|nicht gefunden|nicht vorhanden|n'existe pas|inconnu|introuvable|pas été trouvé|no existe|desconocid|no se encontró|no se ha encontrado|onbekend|bestaat niet|niet gevonden|inesistente|sconosciuto|não existe|desconhecido|宛先不明|存在しません|見つからない|用户不存在|пользователь не найден|не существует"},
		{"4.7", "delivery time expired|retry timeout exceeded|retry time not reached|too long in queue|timed out|timeout exceeded|queue too long|given up|giving up"},
		{"4.1", "connection refused|connection reset|no answer from|not reachable|unreachable|not responding|connection dropped|could not connect|unable to connect|network error"},
	}
}

// diagnosis is the words of one report, looked at only as far as they are needed.
type diagnosis struct {
	subject string
	text    func() string // above the returned message
	low     string        // the text, lower case; "" before it was needed
	whole   string        // what it means as a whole, and whether that was looked for
	looked  bool
}

func (d *diagnosis) words() string {
	if d.low == "" {
		d.low = strings.ToLower(d.text())
	}
	return d.low
}

// complete fills what the recipients' entries leave open from the words of the
// report: an entry's own diagnostic before the text around.
func (d *diagnosis) complete(list []ReportRecipient) {
	for i := range list[:min(len(list), 50)] {
		e := &list[i]
		own := strings.ToLower(e.Diagnostic)
		known := e.Status != "" && !vague(e.Status)
		if own == "" && !known || !known && meant(own) == "" {
			own = near(d.words(), e.Address)
		}
		// The server that refused knows better than the one that passes it on, which
		// makes 5.1.1 of every 550.
		if code := status(own); code != "" && (e.Status == "" || !vague(code) && code[0] == e.Status[0] && e.Action != "delayed") {
			e.Status = code
		}
		if e.Status == "" {
			e.Status = status(d.words())
		}
		if e.Action == "" {
			e.Action = "failed"
			if hasAny(strings.ToLower(d.subject), delayWords()) || hasAny(head(d.words(), 4000), delayWords()) {
				e.Action = "delayed"
			}
		}
		if e.Status == "" || vague(e.Status) && !strings.HasSuffix(e.Status, ".7.0") { // a policy, whichever, is enough to know
			d.interpret(e, own)
		}
	}
}

// interpret makes a code of words.
func (d *diagnosis) interpret(e *ReportRecipient, own string) {
	class := "5"
	switch {
	case e.Status != "":
		class = e.Status[:1]
	case e.Action == "delayed" || replyClass(own) == '4':
		class = "4"
	}
	detail := meant(own)
	if detail == "" {
		if !d.looked {
			d.whole, d.looked = meant(d.words()), true
		}
		detail = d.whole
	}
	switch {
	case detail != "":
		e.Status = class + "." + detail
	case e.Status == "" && (e.Action == "delayed" || replyClass(own) != 0):
		e.Status = class + ".0.0"
	}
}

// vague says whether a code names no detail: "other or undefined" (RFC 3463
// section 3).
func vague(code string) bool {
	return strings.HasSuffix(code, ".0")
}

// meant is the subject and detail of the code that a text's words stand for.
func meant(low string) string {
	for _, m := range meanings() {
		if hasAny(low, m.words) {
			return m.detail
		}
	}
	return ""
}

// near is what stands beside an address in a text: from its line to the next
// empty one that has words before it.
func near(low, address string) string {
	i := strings.Index(low, address)
	if i < 0 || address == "" {
		return head(low, 2000)
	}
	start := strings.LastIndexByte(low[:i], '\n') + 1
	rest := head(low[start:], 700)
	if end := strings.Index(rest, "\n\n"); end > i-start+len(address)+20 {
		rest = rest[:end]
	}
	return rest
}

// replyClass is the first digit of the SMTP reply (RFC 5321 section 4.2) in a
// text: '4', '5', or 0 when there is none.
func replyClass(text string) byte {
	for i := 0; i+3 < len(text); i++ {
		c := text[i]
		if (c == '4' || c == '5') && digit(text[i+1]) && text[i+1] <= '5' && digit(text[i+2]) && (text[i+3] == ' ' || text[i+3] == '-') &&
			(i == 0 || strings.IndexByte(" \n\t:'\"([<", text[i-1]) >= 0) {
			return c
		}
	}
	return 0
}

// hasAny says whether one of some words, with bars between, stands in a text.
func hasAny(low, words string) bool {
	for w := range strings.SplitSeq(words, "|") {
		if strings.Contains(low, w) {
			return true
		}
	}
	return false
}
