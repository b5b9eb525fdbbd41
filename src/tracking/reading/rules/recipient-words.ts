import { type WordRule, words } from './word-rule.ts';

/** What is said of the recipient's own will, and of the domain of the address. */
const SOURCE = 'sisimai reason/{filtered,policyviolation,hostunknown,notaccept,suppressed}; KumoMTA bounces.toml; own';

/** Lists of senders and services of addresses that are not written to any more. */
export const suppressed: readonly WordRule[] = [
  ...words(
    'recipient_filter',
    'docs.sendgrid.com event-webhook: drop reasons; postmarkapp.com inactive recipients',
    /(?:recipient|user|addressee) (?:rejects|refuses|does not (?:accept|want)|only accepts) |spam report(?:ing|ed) address|unsubscribed address|(?:recipient|address|user)[^.]{0,40}(?:complained|marked[^.]{0,20}as spam|unsubscribed)|spam complaint/i,
  ),
  ...words(
    'invalid_mailbox',
    'docs.aws.amazon.com ses sending-email-suppression-list; docs.sendgrid.com; documentation.mailgun.com suppressions',
    /suppression list|suppressed (?:sending|address|recipient)|has suppressed|bounced address|not delivering to previously bounced|previously bounced|history of bounc|hard bounced/i,
  ),
];

export const recipientFilter: readonly WordRule[] = words(
  'recipient_filter',
  SOURCE,
  /refus(?:es|ed|e|ing) to (?:accept|receive)|(?:recipient|user|addressee|owner)s? (?:has |have )(?:rejected|refused|declined|blocked|denied)(?! ?:)|(?:recipient|user|addressee|owner) (?:rejected|refused|declined|blocked|denied) (?:your|the|this|mail|message|it)/i,
  /\b(?:blocked|rejected|refused|denied|declined|filtered|not accepted|barred|discarded) by (?:the |this |its )?(?:recipients?(?!(?:'s)? (?:mail ?)?(?:server|domain|system|organi|mta|host|provider))|users?|addressee|mail ?-?box owner|owner|destination user|rule set up by)/i,
  /(?:recipient|user|addressee|subscriber|member)'?s? (?:mail |delivery |spam |personal |own |private |privacy )*(?:preferences?|settings?|rules?|filters?|block ?-?list|blocked senders|reject list)/i,
  /only (?:accept|receiv|allow)\w* (?:e-?mails?|mails?|messages?|delivery) from|accepting mail (?:only )?from specific|only accepting/i,
  /not (?:on|in|a member of|listed (?:in|on)|part of) [^.]{0,40}(?:white|allow|safe|approved|permitted|accept\w*|trusted|friends?)[ -]?(?:list|senders?)|white-?list(?:ed)? only|not (?:white|allow)-?listed/i,
  /sender(?:s|'s address)? (?:is |was )?not (?:in|on|pre-?approved|listed|allowed by|one of)|allowed-senders|list of (?:senders|allowed senders|approved senders)/i,
  /(?:is )?(?<!or )not accepting (?:any )?(?:mail|messages|e-?mail)(?! from)|restricted (?:sms|incoming)|this account is protected by|challenge[ -]response|confirm(?:ation)? (?:your|that you) (?:are )?(?:human|message)|boxbe|TMDA/i,
  /blocked by the recipient|user ?-?reject\b|NotAuthorized\b|members?-only|non-?members?\b|not a member|not subscribed(?! to ses)|closed (?:mailing )?list|not allowed to post|(?:held|awaiting) (?:for )?moderat|only members/i,
  /(?:not|n't) (?:allowed|permitted|authori[sz]ed|have permission) to (?:send|post|submit|e-?mail)[^.]{0,25} to (?:this|the|that|@|<|group|list|recipient|external)/i,
  /sender (?:was |is )?not authenticated (?:by|for)|authenticated (?:by organi|for (?:group|mailbox|public))|only accepts (?:messages|mail)|group[^.]{0,40}(?:only|isn't set up|not set up|restricted)|RST\.AuthRequired|AuthRequired; authentication/i,
  /has a policy that prohibited|cannot route mail to user|rejected due to user rules|due to recipient preferences|preferences prevent|privacy settings|recipient's wish|do not disturb|chosen not to receive|delivery to this address is restricted|may not have permission to post/i,
  /you (?:are|have been) (?:blocked|barred|ignored) by (?:the |this )?(?:recipient|user|@)|(?:recipient|user) does not (?:want|wish|accept)|(?:mail|message) unwanted by/i,
  /拒收|被收件人拒|收件人.{0,6}(?:拒绝|黑名单)|수신 ?(?:거부|차단)|empfänger[^.]{0,30}(?:verweigert|abgelehnt)|rechaz\w+ por el (?:destinatario|usuario)|refus[ée] par le destinataire/i,
);

const NAME =
  '(?:hosts?|domains?|host ?names?|domain ?names?|mail ?servers?|mail ?hosts?|mail exchangers?|destination systems?)';
const name = (pattern: string) => new RegExp(pattern.replaceAll('NAME', NAME), 'i');

/** Of the domain of the recipient; what is said of ours must be asked for before. */
export const unknownDomain: readonly WordRule[] = words(
  'invalid_domain',
  SOURCE,
  name(
    "\\bNAME(?: or domain)?(?: name)?\\b:?(?:(?!user|recipient|address|mail ?-?box|account)[^.,;:]|\\.(?=\\S)){0,50}? (?:is |was |are |has been )?(?:unknown|not found|does not exist|doesn'?t exist|not exist|non-?existent|invalid|not valid|expired|must exist|not reachable|not known|could not be found|couldn't be found|cannot be found|not be resolved|isn't valid|not registered)(?!,? try again)",
  ),
  name(
    "\\b(?:unknown|no such|nonexistent|non-existent|invalid|bad|illegal|unable to (?:find|resolve|locate)|could ?n[o']t (?:find|resolve)|cannot (?:find|resolve)|can't (?:find|resolve)) (?:a |any |the |mail |e-?mail |remote |destination |recipient(?:'s)? |target |internet )*NAME\\b(?! by that name[^.]*try)",
  ),
  /unrout(?:e)?able (?:e-?mail |mail )?(?:address|domain)|nxdomain|nonexistentdomain|name or service not known|dead domain|host unreachable name/i,
  /null ?mx|no mx (?:record|host|for|or)|no mx\b|mx record[^.]{0,20}(?:not found|missing|does not exist)|mx records? point to non-?existent|indicated no smtp service|no (?:a|mx|dns)[^.]{0,20}records?(?! found for (?:sender|your))/i,
  /(?:host|domain|host\/domain|server|site|system|address) (?:\* )?(?:does not|doesn't|will not|cannot|never|no longer) (?:accept|receive|handle)s? (?:any )?(?:e-?mail|mail|messages)\b(?! from)|destination seem to reject all mails/i,
  /all host address lookups failed permanently|no mail exchanger|name server: \.: host not found|no host found for existing|domain name system[^.]{0,30}(?:no such|not found)/i,
  /dns error:? [^.]{0,60}(?:not found|no data|nxdomain)|dns server returned answer with no data|dns[^.]{0,20}(?:lookup|hard error)[^.]{0,60}(?:nxdomain|no such|not exist)|no route for current request|account inbounds disabled|destination server for this recipient could not be found|not be found in (?:the )?(?:dns|domain name)|no mail (?:hosts|servers?) (?:for domain|appear|exist|found)|no data record of requested type/i,
  /mail domain mentioned in e-?mail address|domain[^.]{0,60}(?:isn't|is not|aren't) (?:set up|configured|hosted|a valid|valid|handled|accepting)|domain has no|has no (?:mx|mail exchanger|mail-enabled)/i,
  /domaine[^.]{0,25}(?:inconnu|inexistant|introuvable)|dom[aií]ni?o[^.]{0,25}(?:desconocid|inexistente|no existe|n[aã]o existe|sconosciut)|domäne[^.]{0,25}(?:unbekannt|nicht)|домен[^.]{0,25}(?:не существует|не найден)|(?:域名|域)[^。]{0,8}(?:不存在|无效|找不到)/i,
);
