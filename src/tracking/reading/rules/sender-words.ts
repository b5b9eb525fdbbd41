import { type WordRule, words } from './word-rule.ts';

/** What is said of us: who we are, how we send, how much, and what we are thought to be. */
const SOURCE =
  'sisimai reason/{authfailure,securityerror,rejected,blocked,badreputation,requireptr,spamdetected,ratelimited,toomanyconn}; KumoMTA bounces.toml; own';

/** Before what is said of quotas and limits of others. */
export const ownLimits: readonly WordRule[] = words(
  'throttled',
  SOURCE,
  /(?:submission|sending|send|smtp relay|relay|outgoing|outbound|daily message|hourly|daily|message recipients?)\b[^.]{0,25} ?(?:limits?|quotas?|rate)[^.]{0,15} (?:exceed|reached|has been)/i,
  /exceed\w*[^.]{0,30}(?:sending|relay|hourly|daily|outbound|message rate|submission) (?:limit|quota|rate)|quota for sending|same message-id|reached your daily limit/i,
);

/** Before everything else that is said of addresses and domains. */
export const ownIdentity: readonly WordRule[] = [
  ...words(
    'sender_blocked',
    SOURCE,
    /\bPTR\b|reverse[- ](?:dns|lookup|hostname|address|name|resolution|entry)|\brdns\b|IP name lookup failed|resolve your (?:address|host|ip|domain name of)|find your (?:reverse )?host ?name|unresolvable relay host|dns lookup failure:[^.]* try again/i,
    /reputation|\bBATV\b/i,
  ),
  ...words(
    'sender_auth',
    SOURCE,
    /\b(?:SPF|DKIM|DMARC)\b(?! ?[:=]? ?pass)|DmarcRejection|sender policy framework|domain ?keys|sender[- ]?id\b|purported responsible|5322\.?From|domain authentication|anti-?spoof|spoof(?:ed|ing)|email (?:was |is )?forged/i,
  ),
  ...words(
    'sender_blocked',
    SOURCE,
    /(?:helo|ehlo)(?: command| argument| name| string| hostname|\/ehlo| \/ ehlo)*[^.]{0,30}(?:reject|invalid|requires|not allowed|not found|bad|fail|forg|denied|must)|bad helo|my name was rejected|mismatches client ip|hostname (?:is )?not authori[sz]ed/i,
  ),
  ...words(
    'sender_auth',
    SOURCE,
    /unauthenticated (?:e-?mail|mail|message|sender)|(?:message|mail|sender) is unauthenticated|authenticat\w+ (?:checks?|information)|(?:either|both) (?:spf|dkim)|not (?:been )?authenticated (?:mail|message)/i,
    /(?:must issue|issue) a starttls|(?:this route |server )?requires? (?:tls|encryption|high-strength|a secure)|tls (?:is )?required(?! but not supported)|tls\/sslv?\d? connection required|encryption (?:is )?(?:required|needed)|use tls\/ssl/i,
    /(?<!to )(?:sender|return|envelope|reverse)(?:'s)?[- ](?:e-?mail |envelope |mail )*(?:address|path|domain|e-?mail|host)\b:?[^.;]{0,30}(?:domain (?:not found|does not|doesn't|must|name)|does(?:n't| not) (?:exist|resolve)|not resolv|invalid|unknown|not valid|not exist|undeliverable|unverif|not verified|null mx)/i,
    /(?<!\bto |\bthe )sender (?:is |was )?(?:unknown|invalid|not (?:valid|verified|exist|resolv)|does(?:n't| not) (?:exist|resolve)|undeliverable|unverif)/i,
    /sender (?:address|e-?mail address) rejected(?! ?: ?(?:access|blocked|spam|black))|sender verif\w+ fail|domain of sender|unroutable sender|unresolvable[^.]{0,25}(?:domain|sender)|sender domain|(?:invalid|bad|illegal|unknown|bogus) (?:sender|mail from|from|return)(?! (?:address )?(?:access|ip))/i,
    /from: domain|mail from:? [^.]{0,40}(?:not owned|not exist|n't exist|invalid|resolv)|mx records? for [^.]{0,60}(?:sender|from|violat|resolve)|emetteur invalide|sender envelope|email address is not verified|valid sender domain|address (?:@ )?is not verified/i,
    /(?:empty|null|blank)[^.]{0,20}(?:sender|envelope|from)[^.]{0,25}not|fully qualified e-?mail address|empty e-?mail address|rfc 1035 violation|invalid domain, see|not subscribed to ses|used to send your message is not verified|no identity changes|sending this from a different address|not a registered gateway user/i,
  ),
];

/** Somebody should have logged in. */
export const authenticationMissing: readonly WordRule[] = words(
  'sender_auth',
  SOURCE,
  /authenti(?:cation|fication) (?:is )?(?:required|failed|failure|credentials|turned on|requise|invalide|needed|not enabled|unsuccessful|rejected)|(?:requires?|need|needs|must use|use|turn on|enable) (?:smtp )?auth(?:entication)?\b(?! when attempting)|must (?:first )?authenticate|log ?in (?:first|via|through|with)/i,
  /(?:client|you|sender|session|user|submitter) (?:was |is |were |are |has |have )?(?:not|failed to) (?:been )?authenticat|don't authenticate|unauthenticated|username and password not accepted|(?:bad|invalid|incorrect) (?:authentication|credentials|username|login)|not authori[sz]ed to perform ses|not subscribed to ses|smtp auth\b|verification failure|required authentication level|application-specific password/i,
);

export const relayDenied: readonly WordRule[] = words(
  'system',
  'sisimai reason/norelaying; KumoMTA bounces.toml',
  /\brelay(?:ing|ed)?\b[^.]{0,30}(?:denied|not (?:permitted|allowed|authori[sz]ed|accepted|supported|enabled|possible)|prohibit|reject|forbidden|refused|disabled|disallowed|restricted)/i,
  /(?:unable|do not|does not|don't|not allowed|n't allowed|not permitted|denied|refus\w+|cannot|can't|won't|will not|not configured|forbidden|not authori[sz]ed|not able)(?: to| you to)? relay|(?:no|insecure mail|open|not an open|not a) relay(?:ing)?\b|as a relay|credentials for relay|relaying mail to/i,
  /(?<!or user isn't in my list of allowed )rcpthosts?\b|we don'?t handle mail for|not a gateway|not local host|requires authentication when attempting|through this (?:machine|server|host)|not (?:a )?local domain|not (?:hosted|served) here/i,
);

export const tooMuch: readonly WordRule[] = words(
  'throttled',
  SOURCE,
  /gr[ea]y-? ?list|rate[- ]?limit|throttl|too many (?:connections?|messages?|mails?|e-?mails?|concurrent|simultaneous|parallel|sessions?|smtp|recipients?|rcpt|requests|errors|login|bad|transactions|con\b|deliver)/i,
  /(?:connection|message|mail|session|concurrency|frequency|recipients?|domain|thread|receive|envelope|rcpt|sending)s? ?(?:rate |count |frequency |per [\w-]+ )?(?:limits?|threshold|maximum)\b[^.]{0,30}(?:exceed|reach|hit|over)/i,
  /exceed\w*[^.]{0,50}(?:\brate\b|(?:messages|mails|e-?mails|connections|recipients)\b|per[- ](?:hour|day|minute|connection|session|domain|ip)|connection|thread limit|permitted limits|number of posts|threshold)|limit exceeded for|maximum connection limit|(?:recipients|connections|messages|e-?mails|rate) exceeded|max(?:imum)? (?:number of )?(?:messages?|connections?|recipients?|sessions?)/i,
  /slow(?:er)?(?: down|\b)|too (?:quickly|fast|frequent\w*|often|rapidly)|at a rate|frequency (?:of [^.]{0,40})?(?:is )?limited|unusual rate|excessive (?:volume|rate|unknown|connections)|(?:high|unexpected|unusual|heavy) (?:volume|load|traffic)|we have already made numerous attempts|trop de (?:connexions|messages)|limite de (?:envios|d'envoi)/i,
  /temporarily defer|(?:server|host|system|service|agent) (?:is )?(?:currently |temporarily |too )?(?:busy|overloaded)|resources temporarily|load (?:is )?too high|back ?pressure|deferred[^.]{0,20} due to|频率|频次|过于频繁|頻率/i,
);

/** By name of a list, by address, by name of the sender: clear beside any code. */
export const blockedSender: readonly WordRule[] = words(
  'sender_blocked',
  SOURCE,
  /black-? ?list|block-? ?list|deny-? ?list|\bRBLs?\b|DNS-?(?:BL|RBL)|blocklist|spamhaus|spamcop|barracuda|abuseat|\bsorbs\b|uceprotect|cloudmark|senderscore|trendmicro|\bSBL\b|\bPBL\b|\bXBL\b/i,
  /blocked using|block(?:ed)? for (?:spam|abuse)|(?:ip|ips|server|host|address|network|domain|netblock|client|sender|connection|mail server|your (?:mail|message|email|e-mail|account))\b(?: @| \*| \w+){0,4} (?:is|are|was|has been|have been|been) (?:\w+ )?(?:blocked|banned|rejected|listed|blacklisted|denied|refused|barred)(?! by (?:the |this )?(?:recipient|user|policy))/i,
  /banned (?:send|ip|sender|host)|sender (?:@ |address |e-?mail |ip |domain )*(?:is |was |has been )?(?:rejected|denied|blocked|refused|banned|blacklisted|prohibited|not allowed|spammer)|rejected sender|(?:ip|sender) (?:address )?(?:is )?not allowed|badmailfrom|is spammer|rejecting open proxy|dynamic(?:\/zombied)? ?(?:ip|pool)|zombi|open proxy|bouncedeny|\bBATV\b|backscatter|no third-party dsns|unsigned dsn|returned mail not accepted/i,
  /not (?:currently )?accept\w* (?:mail|e-?mail|messages|connections?)(?: \w+)? from|(?:do not|does not|don't|doesn't|refuse\w* to|will not|not) accept (?:mail|e-?mail|messages|connections?) from|mail from (?:\* |@ |your |this |that )[^.]{0,40}(?:refused|rejected|denied|blocked|not accepted)|connections? (?:will )?not (?:be )?accepted from|no access from|not allowed to (?:connect|send (?:mail|e-?mail|messages)?)/i,
  /access from ip|client host (?:@ |\* |\[?\*?\]? )?(?:rejected|blocked)|client host rejected|go away|not welcome|looks suspiciously like spam|smtp server of your isp|confirm this mail server|server requires confirmation|not accepting connections|host network,? not allowed|extreme bad ip|bad sender ip|your (?:ip|network|server|host|domain)\b[^.]{0,40}(?:block|ban|black|spam|abus|reject|list)|permanently deferred|part of their network|administrative prohibition|envelope (?:blocked|rejected)|block policy|blocked senders|manual(?:ly)? block|not authori[sz]ed to send e-?mail directly|service refused|service refus|to submit messages to this|senderfilter|invalid ip for sending|not passed validation|unverifyable|no valid recipients from|refused - see|blocked - see/i,
);

/** What the message was taken for. Beside the code of an unknown mailbox it counts less. */
export const takenForSpam: readonly WordRule[] = words(
  'sender_blocked',
  SOURCE,
  /\bspam|spam\b|spamming|unsolicited|\bUBE\b|\bUCE\b|\bjunk\b|bulk (?:e-?)?mail|phish|abus(?:e|ive)\b|dns-?bl|complaints|suspicious|suspected (?:spam|to be|of)|mass mailer|unwanted|scored|\bbulk\b|uribl|low priority|spam(?:assassin|profiler)|pattern detection|blocked by|垃圾邮件|스팸|спам/i,
);

/** Rules of theirs that it broke. */
export const takenForPolicy: readonly WordRule[] = words(
  'sender_blocked',
  SOURCE,
  /security polic|policy (?:violation|reasons?|rejection|restriction|reject)|(?:local|organi[sz]ation(?:al)?|site|server|security|corporate|company|our|mail|sending|administrative|acceptance) polic|polic(?:y|ies)[^.]{0,20}(?:reject|violat|denied|block|refus)|(?:denied|rejected|blocked|refused|prohibited|due to|by|against|per) (?:\w+ )?polic|organi[sz]ation(?:al)? settings|protocol violation|rule imposed/i,
);
