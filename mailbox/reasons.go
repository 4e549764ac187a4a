package mailbox

// The reasons of events: why a message got the verdict it got. They stand in
// the ledger, in `askfirst explain` and in the log.
const (
	ReasonOwnLetter      = "own_letter"
	ReasonBounce         = "bounce"
	ReasonReadReceipt    = "read_receipt"
	ReasonFeedback       = "feedback_report"
	ReasonCalendarReply  = "calendar_reply"
	ReasonAutoSubmitted  = "auto_submitted"
	ReasonNullReturnPath = "null_return_path"
	ReasonBulkMail       = "bulk_mail"
	ReasonListMail       = "list_mail"
	ReasonNoreply        = "noreply_sender"
	ReasonMailLoop       = "mail_loop"
	ReasonOutOfOffice    = "out_of_office"
	ReasonNoSender       = "no_sender"
	ReasonDuplicate      = "duplicate"
	ReasonStrangerReply  = "stranger_reply"
	ReasonNothingNew     = "nothing_new"
	ReasonOtherAddress   = "another_address"
	ReasonMyAddress      = "my_address"
	ReasonNotMyAddress   = "not_my_address"

	ReasonNotStaff       = "not_staff"
	ReasonTooLarge       = "too_large"
	ReasonEncrypted      = "encrypted"
	ReasonTNEF           = "tnef"
	ReasonCalendarInvite = "calendar_invite"
	ReasonNoText         = "no_text"
	ReasonAnonymous      = "anonymous_ask"
	ReasonAnonymousHow   = "anonymous_how"
	ReasonRelay          = "relayed"
	ReasonReveal         = "reveal"
	ReasonHeldName       = "held_name"

	ReasonNewAsk           = "new_ask"
	ReasonOfferNumber      = "offer_by_number"
	ReasonOfferSubject     = "offer_by_subject"
	ReasonOfferLetter      = "offer_by_letter"
	ReasonOfferOnly        = "offer_only_ask"
	ReasonOfferQuoted      = "offer_quoted"
	ReasonOfferTitle       = "offer_title"
	ReasonOfferName        = "offer_name"
	ReasonOfferPlace       = "offer_by_place"
	ReasonOfferQuestion    = "offer_by_question"
	ReasonSeveral          = "several_acts"
	ReasonRefer            = "refer"
	ReasonMeToo            = "me_too"
	ReasonThanks           = "thanks"
	ReasonClose            = "close"
	ReasonReopen           = "reopen"
	ReasonExtend           = "extend"
	ReasonWithdrawAsk      = "withdraw_ask"
	ReasonWithdrawOffer    = "withdraw_offer"
	ReasonEdit             = "edit"
	ReasonConfirm          = "confirm"
	ReasonDecline          = "decline"
	ReasonCommand          = "command"
	ReasonCourtesy         = "courtesy"
	ReasonCannotHelp       = "cannot_help"
	ReasonIntroductionTalk = "introduction_talk"
	ReasonTalk             = "talk"
	ReasonUndo             = "undo"
	ReasonCorrection       = "correction"
	ReasonWhichAsk         = "which_ask"
	ReasonWhichPerson      = "which_person"
	ReasonLeaveMeToo       = "leave_me_too"
	ReasonUnknownNumber    = "unknown_number"
	ReasonQuestion         = "question_about_ask"
	ReasonNotYours         = "not_yours"
	ReasonNotUnderstood    = "not_understood"
	ReasonNothingOpen      = "nothing_open"

	ReasonHeldPassword = "held_password"
	ReasonHeldAccount  = "held_account"
	ReasonHeldID       = "held_id"
	ReasonHeldPupil    = "held_pupil"
	ReasonHeldPhone    = "held_phone"
	ReasonHeldAddress  = "held_address"
	ReasonHeldWord     = "held_word"
	ReasonSendHeld     = "send_held"

	ReasonStrangerUnproven = "stranger_unproven"
	ReasonStrangerOffer    = "stranger_offer"
	ReasonConfirmYes       = "confirm_yes"
	ReasonConfirmNo        = "confirm_no"
	ReasonConfirmLate      = "confirm_late"
	ReasonConfirmAgain     = "confirm_again"
	ReasonConfirmUnclear   = "confirm_unclear"
	ReasonConfirmForeign   = "confirm_foreign"
	ReasonForgetConfirm    = "forget_confirmed"
)

// Reasons explains every reason in one sentence.
func Reasons() map[string]string {
	return map[string]string{
		ReasonOwnLetter:      "A letter that an exchange sent came home; it is ignored.",
		ReasonBounce:         "A mail server reports on a letter of ours; the report is noted against that letter.",
		ReasonReadReceipt:    "A mail program reports that a letter was read; it is ignored.",
		ReasonFeedback:       "A provider reports that a letter was marked as spam; it is ignored.",
		ReasonCalendarReply:  "A calendar answers an invitation; it is ignored.",
		ReasonAutoSubmitted:  "The header says that a program wrote this; it is ignored and never answered.",
		ReasonNullReturnPath: "The envelope has no sender, which only automatic mail has; it is ignored and never answered.",
		ReasonBulkMail:       "The header says that this is bulk mail; it is ignored and never answered.",
		ReasonListMail:       "A mailing list sent this; it is ignored unless a colleague wrote it to the help address.",
		ReasonNoreply:        "It comes from an address that nobody reads; it is ignored and never answered.",
		ReasonMailLoop:       "It passed through so many servers that it must be going in circles; it is ignored.",
		ReasonOutOfOffice:    "A vacation notice answered a letter of ours; it is ignored and never answered.",
		ReasonNoSender:       "From names no mailbox or several, so that nobody can be answered; it is ignored.",
		ReasonDuplicate:      "The same mail was decided before; it is ignored.",
		ReasonStrangerReply:  "Somebody who is not on the staff list answered a letter of ours; it is ignored.",
		ReasonOtherAddress:   "Somebody who is not on the staff list answered a letter of ours and may be the colleague it went to; that colleague is asked at the registered address, and the words wait for 72 hours.",
		ReasonMyAddress:      "A colleague says that another address is theirs; it is remembered, and what waited is done.",
		ReasonNotMyAddress:   "A colleague says that another address is not theirs; nothing is done with what came from it.",
		ReasonNothingNew:     "The answer contains nothing but what we sent; it is ignored.",

		ReasonNotStaff:       "The sender is not on the staff list; one kind letter in 30 days says so.",
		ReasonTooLarge:       "The message is larger than the exchange accepts; the sender is told the limit.",
		ReasonEncrypted:      "The message is encrypted and cannot be read; the sender is asked for plain text.",
		ReasonTNEF:           "The message consists of a winmail.dat only; the sender is asked for plain text.",
		ReasonCalendarInvite: "The message is an invitation, not words; the sender is asked for a line of text.",
		ReasonNoText:         "The message has no text; the sender is asked to write a line.",
		ReasonAnonymous:      "A new ask without a name: who asked is kept under seal.",
		ReasonAnonymousHow:   "The writer wants no name to be known and says nothing else; the letter says how to ask.",
		ReasonRelay:          "Words between somebody who asked without a name and a colleague; they are passed on.",
		ReasonReveal:         "Somebody who asked without a name wants to be introduced by name.",
		ReasonHeldName:       "Words without a name that may still tell who wrote them; the writer is asked first.",

		ReasonNewAsk:           "The mail answers nothing of ours: a new ask.",
		ReasonOfferNumber:      "An offer on the ask whose number the writer named.",
		ReasonOfferSubject:     "An offer on the ask whose number stands in the subject.",
		ReasonOfferLetter:      "An offer on the ask that the answered letter is about.",
		ReasonOfferOnly:        "An offer on the only ask in the answered letter.",
		ReasonOfferQuoted:      "An offer written under the quoted ask.",
		ReasonOfferTitle:       "An offer whose words fit the title of exactly one ask in the letter.",
		ReasonOfferName:        "An offer that names the asker of exactly one ask in the letter.",
		ReasonOfferPlace:       "An offer that names the ask by its place in the letter: the second, the last.",
		ReasonOfferQuestion:    "The answer to our question which ask was meant; the words that waited are used.",
		ReasonSeveral:          "The mail does several things; each is recorded.",
		ReasonRefer:            "The writer names somebody who may know.",
		ReasonMeToo:            "The writer needs the same.",
		ReasonThanks:           "The asker of an ask that has help says thank you.",
		ReasonClose:            "The asker says that it is sorted.",
		ReasonReopen:           "The asker still needs it.",
		ReasonExtend:           "The asker wants it to stay on the list for longer.",
		ReasonWithdrawAsk:      "The asker takes the ask back.",
		ReasonWithdrawOffer:    "The helper takes the offer back.",
		ReasonEdit:             "The asker changes the ask or adds to it.",
		ReasonConfirm:          "The writer says yes to a question of ours.",
		ReasonDecline:          "The writer wants no praise, or wants it to stay private.",
		ReasonCommand:          "A word about the digest or the exchange itself, such as pause or help.",
		ReasonCourtesy:         "A friendly word that asks nothing of us; it is not answered.",
		ReasonCannotHelp:       "The writer says that he or she cannot help; nothing is recorded.",
		ReasonIntroductionTalk: "Talk between two people who were introduced; it is left alone.",
		ReasonTalk:             "Talk that asks nothing of us; it is not answered.",
		ReasonUndo:             "The writer takes something back.",
		ReasonCorrection:       "The writer meant another ask: what was done to the one is taken back and done to the other.",
		ReasonWhichAsk:         "It is not clear which ask is meant; the writer is asked and the words wait.",
		ReasonWhichPerson:      "A name fits several colleagues, or none; the writer is asked whom was meant and the words wait.",
		ReasonLeaveMeToo:       "The writer needed the same and does not any more.",
		ReasonUnknownNumber:    "The number belongs to no ask we know; the writer is asked which is meant.",
		ReasonQuestion:         "A question about an ask rather than an offer; the writer is asked what is meant.",
		ReasonNotYours:         "Words that only the asker can use, from somebody else; the writer is asked what is meant.",
		ReasonNotUnderstood:    "The words could mean several things; the writer is asked.",
		ReasonNothingOpen:      "Words that end an ask, from somebody who has none open; the letter says how things stand.",

		ReasonHeldPassword: "The ask seems to hold a password or a code; it waits until its writer says send.",
		ReasonHeldAccount:  "The ask seems to hold the number of an account or a card; it waits until its writer says send.",
		ReasonHeldID:       "The ask seems to hold a number or birthday that belongs to one person; it waits until its writer says send.",
		ReasonHeldPupil:    "The ask seems to name a pupil or patient; it waits until its writer says send.",
		ReasonHeldPhone:    "The ask seems to hold a phone number; it waits until its writer says send.",
		ReasonHeldAddress:  "The ask seems to say where somebody lives; it waits until its writer says send.",
		ReasonHeldWord:     "The ask holds a word that the configuration names under hold; it waits until its writer says send.",
		ReasonSendHeld:     "The writer of a held ask says send; it goes to colleagues as it is.",

		ReasonStrangerUnproven: "The sender is not on the staff list, and nobody has proved who wrote it; it is ignored and never answered.",
		ReasonStrangerOffer:    "Somebody who is not on the staff list offers help or thanks; it is ignored.",
		ReasonConfirmYes:       "The writer says yes to \"did you just write this?\"; everything that waited for it is decided now.",
		ReasonConfirmNo:        "The writer says no to \"did you just write this?\"; what waited is let go and the admin is told.",
		ReasonConfirmLate:      "A yes to \"did you just write this?\" came after the words were let go; the writer is asked to write again.",
		ReasonConfirmAgain:     "\"Did you just write this?\" was answered before; nothing is left to do.",
		ReasonConfirmUnclear:   "The answer to \"did you just write this?\" is neither yes nor no; the writer is asked once more, and once only.",
		ReasonConfirmForeign:   "A yes or no to a question that was put to somebody else, or to nobody; it is ignored.",
		ReasonForgetConfirm:    "The writer has said yes to being forgotten: words, name and addresses go from the book.",
	}
}
