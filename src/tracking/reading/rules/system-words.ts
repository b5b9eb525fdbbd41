import { type WordRule, words } from './word-rule.ts';

/** What is said of systems and ways between them. */
const SOURCE =
  'sisimai reason/{expired,networkerror,systemerror,systemfull,mailererror,failedstarttls}, lhost/{qmail,exim,opensmtpd,gmail}; KumoMTA bounces.toml; own';

export const expired: readonly WordRule[] = [
  ...words(
    'expired',
    SOURCE,
    /(?:message|mail|delivery|envelope|queue|e-?mail|time|period|item)s?(?: \w+)?[ .]?(?:has |have |is |was )?(?:expired|expiration)|retry time(?:out)? (?:exceeded|not reached)|retry timeout|delivery (?:time(?:out|d out)|retry timeout)|(?:message|delivery|mail) timed? ?out/i,
    /(?:in (?:the |our )?(?:mail )?queue|undelivered|in queue|deferred) (?:for )?(?:too long|more than|over)|tried to deliver[^.]{0,30} for \d|(?:stopped|ceased) trying|(?:time|period) (?:has )?elapsed|(?:message|mail)[^.]{0,20} too old|not going to try again|(?:giving|gave|given) up(?! on \*\.?$)|after (?:multiple|several|repeated|numerous|many|\d+) (?:retries|attempts|tries|failed)|(?:maximum|max) (?:number of )?(?:retries|attempts|delivery attempts)|retr(?:y|ies) (?:limit|count)? ?(?:exceeded|exhausted)|too many (?:retries|failed attempts)/i,
    /(?:not|n't|unable to|could not|cannot) (?:be )?(?:been )?(?:deliver(?:ed)?|send|sent|collected|reach(?:able|ed)?)[^.]{0,40}(?:within|in the (?:last|past)|for (?:more than |over |the (?:last|past) |past )?\d+|after|during|for more than)[^.]{0,20}(?:hours?|days?|minutes?|allowed|period|time)|could not send (?:message|mail) for past|delivery failed \d+ attempts|hosts? (?:\* )?(?:have|has) been failing for a long time|long failure period|failing for a long time/i,
    /could not contact dns servers|undeliverable after|attempts exceeded|(?<!command )time limit (?:specified|exceeded)|not been collected after|could not be delivered for more than|did not accept our requests to connect|server did not respond|failed to deliver to domain|could not find a gateway/i,
    /dépassement du délai|délai[^.]{0,20}(?:dépassé|expiré)|zeitüberschreitung|tiempo[^.]{0,20}(?:agotado|excedido)|истек|(?:投递|发送)(?:超时|失败.{0,8}超时)/i,
  ),
  // A report about it comes when the tries are over.
  {
    class: 'expired',
    words: /timed? ?-?out|refused|no answer|unreachable|no route|not respond/i,
    status: /^4\.4\.(?:1|7|316)$/,
    unanswered: true,
    source: 'RFC 3463 §3.5; sisimai smtp/status, lhost/office365',
  },
];

/** The other side has no encryption, or a broken one. What it asks of ours is another thing. */
export const encryptionMissing: readonly WordRule[] = words(
  'network',
  SOURCE,
  /tls is required, but was not offered|tls required but not supported|(?:not|n't) support (?:starttls|tls)|starttls-not-supported|must support tls|starttls is required to send|(?:tls|ssl)[^.]{0,30}(?:handshake|negotiation|certificate|session)|cannot start tls|certificate[^.]{0,30}(?:fail|expired|mismatch|invalid|untrusted|not trusted|verif)|tlsa-invalid|dnssec-invalid/i,
);

/** A way that leads back: within a system, or between systems. */
export const loops: readonly WordRule[] = [
  ...words(
    'system',
    SOURCE,
    /forwarding loop broken|would create a mail loop|loops? back to (?:myself|me)|unix from loop|loop (?:alert|back warning)|loop was found/i,
  ),
  ...words(
    'network',
    SOURCE,
    /too many hops|hop count|maximum hop|exceeded \d+ hops|too many \W?received|(?:routing|mail|forwarding|message|delivery|mx) ?-?loop(?:s|ing|back| )?|loop(?:ing)? detected|(?:message|mail) (?:is )?looping|loop detected|mxloopback|already has my delivered-to|address family mismatch|all routes to destination/i,
  ),
];

/** Names that could not be asked for just then. */
export const nameServiceDown: readonly WordRule[] = words(
  'network',
  SOURCE,
  /host (?:name )?(?:not found|lookup failure),? try again|temporary (?:failure|error) in (?:name|mx|dns)|servfail|name service error[^.]{0,80}(?:try again|timed? ?out)|dns[^.]{0,40}(?:timed? ?out|temporar)|malformed (?:or unexpected )?name server reply|dns records for the destination|host lookup did not complete/i,
);

/** It could not be asked, whoever was to be found. */
export const directoryDown: readonly WordRule[] = words(
  'system',
  'sisimai lhost/qmail: qmail-ldap',
  /\bldap (?:server|lookup|attribute|query|search)|domain's dns violates|homedir/i,
);

export const network: readonly WordRule[] = words(
  'network',
  SOURCE,
  /connect(?:ion|ing)?\b[^.]{0,50}(?:refused|timed? ?out|reset|closed|lost|dropped|failed|failure|unsuccessful|aborted|abruptly|impossible|error|denied by)|lost connection|conversation with[^.]{0,60}(?:timed out|failed)|(?:socket|network|connect|smtp|session|response|dns) (?:error|timed? ?out|failure)|(?:command|data) timed? ?out|timeout (?:while|waiting|during|on)|remote host closed|broken pipe/i,
  /(?:network|host|server|destination|system|mx)\b(?: \w+){0,2} (?:is |are |was |not )?(?:currently |temporarily )?(?:unreachable|not reachable|down|offline|not responding|unresponsive)|no route to host|no (?:valid )?route|network is unreachable|unable to (?:connect|reach|contact|establish)(?! ldap)|could ?n[o't]{1,2} (?:connect|reach|establish)|cannot (?:connect|reach)|can't (?:connect|reach)|(?:did not|didn't|does not|not) respond|unable to resolve route|no smtp connection got far|(?:wasn't|not) able to establish/i,
  /(?:host|name|dns|domain|mx|nameserver|name server)[^.]{0,30}(?:lookup|look-up|query|resolution|service|server|reply|queries)[^.]{0,30}(?:fail|error|timed? ?out|temporar|servfail|malformed)|host not found,? try again|servfail|temporary (?:failure|error) in (?:name|mx|dns)|malformed (?:or unexpected )?name server reply|dns lookup fail|best-preference|find (?:a )?mail exchanger or ip|incorrect hostname used for inbounds|dns error\b|dns records for the destination/i,
  /starttls|\btls\b|\bssl\b|certificate|handshake|tlsa|dane validation|dnssec/i,
);

export const mailer: readonly WordRule[] = words(
  'system',
  SOURCE,
  /procmail|maildrop|transport returned \d+|child process|command (?:failed|died|output|time limit)|died with (?:status|signal)|exit(?:ed)?(?: with)?(?: status| code)? \d+|mailer error|unknown mailer|pipe to \||x-unix|cannot (?:exec|open|create|append)|can't (?:create|open|exec|append)|permission denied|delivery to (?:file|pipe) forbidden|local (?:mailer|delivery) (?:error|failed|agent)|lmtp error|bad interpreter|deliver: |exec format/i,
  /loops? back to (?:myself|me)|aliasing\/forwarding|would create a mail loop|loop was found|unix from loop|loop (?:alert|back)|local (?:configuration|problem|error|delivery)|(?:system|server|mail system|internal|configuration|temporary local|software|database|ldap|lookup|backend|directory|alias|application) (?:server )?(?:config(?:uration)? )?(?:error|problem|failure|crash)|misconfigur|incorrectly configured|server is not configured|homedir|LDAP|internal (?:server|error|resource)|interrupted system call|queue file|i\/o error/i,
  /(?:insufficient|not enough|out of|low) (?:system )?(?:disk |memory|storage|resources?|space)|(?:mail )?system (?:is )?full|disk (?:is )?full|file ?system full|no space left|system storage|system resources|several matches|ambiguous|badprimary|invalidinsmtp|mailing list expansion|storedriver|no mdb|load drd|upstream error|while being processed/i,
  /syntax error|bad sequence|out of sequence|(?:command|verb) (?:not|un)(?:recogni[sz]ed|implemented|supported|known)|(?:unrecogni[sz]ed|unknown|unimplemented|invalid|illegal|bad) (?:command|parameter|verb)|not implemented|command parameter|parameters? (?:not|error)|pipelining|nested mail|need (?:mail|rcpt)|(?:mail|rcpt|helo|ehlo|hello) (?:command )?first|no valid command|invalid arguments|angle-brackets|malformed address|expected word|cannot achieve exchange|protocol error/i,
  /service (?:is )?(?:currently |temporarily )?(?:unavailable|not available|not active|shut)|temporar(?:y|ily) (?:system|server|internal|problem|local|error|failure|unavailable|unable|rejected)|(?:unable|failed) to process|system not accepting|not available (?:now|currently)|(?<!permanent )fatal error\b|unexpected (?:error|failure|response)|message failed to be replicated|service not|too many (?:results|related)|maintenance|processing error|system error/i,
);

/** They say that something did not go, but not why. */
export const faint: readonly WordRule[] = [
  ...words(
    'throttled',
    SOURCE,
    /try (?:again|later|your|it)|wait (?:a few|\d+|some)|limit reached|(?:please )?retry|again later|temporarily (?:rejected|unable|unavailable|suspend)|deferred|defer\b|later\b/i,
  ),
  ...words(
    'expired',
    SOURCE,
    /(?:has been|is|was) delayed|will (?:continue|be retried|keep)|delay(?:ed)? (?:reason|for|in)|not yet been delivered|still (?:being )?(?:retried|trying|in the queue)/i,
  ),
];

/** What is left when nothing clearer was said. */
export const refusals: readonly WordRule[] = [
  ...words(
    'invalid_mailbox',
    SOURCE,
    /recipients?(?:'s)?(?: address(?:es)?| e-?mail)?(?: @)? (?:was |were |is |are |has been )?(?:rejected|refused|denied|not accepted)|address(?:es)? (?:was )?(?:rejected|refused)|mail ?-?box(?: \w+)? unava\w+ble|(?:user|account) unavailable|undeliverable (?:address|to)|rejected (?:recipient|address)|user (?:is )?not (?:allowed|here)|address error|bad address|rcpt[^.]{0,20} rejected|no valid recipients?(?! from)/i,
  ),
  {
    class: 'recipient_filter',
    words: /access denied|denied|refused|rejected|not (?:allowed|permitted|authori[sz]ed|accepted)/i,
    status: /^[45]\.2\.[01]$/,
    source: 'sisimai smtp/status',
  },
  ...words(
    'sender_blocked',
    SOURCE,
    /access (?:is )?denied|not authori[sz]ed|unauthori[sz]ed|permission|prohibited|forbidden|not (?:allowed|permitted)|delivery not|security|administratively|message (?:was |has been )?(?:refused|rejected|blocked|denied|discarded)|(?:mail|e-?mail|transaction|connection|session)s? (?:was |has been |is )?(?:rejected|refused|blocked|denied)|mail rej|rejected due|blocked/i,
  ),
];
