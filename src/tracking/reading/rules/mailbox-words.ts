import { type WordRule, words } from './word-rule.ts';

/** What is said of the recipient's mailbox. */
const SOURCE = 'sisimai reason/{mailboxfull,suspend,hasmoved,userunknown}; KumoMTA bounces.toml; own';

const BOX = '(?:mail ?-?box(?:es)?|in-?box|mail ?(?:folder|dir|drop|file|store)|postbox)';
const OWNER = `(?:${BOX}|account|user|recipient|customer|addressee|mailbox owner|domain)`;
const box = (pattern: string) => new RegExp(pattern.replaceAll('BOX', BOX).replaceAll('OWNER', OWNER), 'i');

export const fullMailbox: readonly WordRule[] = [
  // Exchange names both in one sentence; its code tells them apart.
  {
    class: 'content',
    words: /larger than the current system limit/i,
    status: /^5\.(?:2\.3|3\.4)$/,
    source: 'sisimai lhost/exchange2003',
  },
  ...words(
    'mailbox_full',
    SOURCE,
    /over ?-?(?:disk |storage |mail )?quota|over (?:the |its |his |their )(?:allowed |mailbox |disk |storage )?quota/i,
    /quota(?: limit| usage)? ?(?:is |has been |was |have been |would be )?(?:exceed|exeed|violat|full|reached|used up|over)/i,
    /quota ?exceed|disk ?space quota|exceed\w*\b[^.]{0,60}\bquota|user_?disk ?quota|domain_?disk ?quota|reached (?:disk|the) quota/i,
    box(
      'BOX(?: for [^ ]+| of [^ ]+| @| [^ ]+)? (?:is |was |are )?(?:currently |already |temporarily |too |almost )?full',
    ),
    /full (?:mail ?-?box|in-?box|mailfolder)|mail ?-?box(?:'s)? (?:is )?overfull|mailboxfull/i,
    box(
      "BOX(?:'s)?[^.]{0,40} (?:exceed|has reached|reached|hit|is over|over|is at|out of)[^.]{0,40}(?:limit|size|space|storage|capacity|allocation)",
    ),
    box(
      'BOX (?:size|storage|space|capacity|limit|quota)[^.]{0,25}(?:exceed|exeed|reached|full|limit)|exceed\\w*[^.]{0,20} BOX',
    ),
    /exceed\w*[^.]{0,30}(?:storage|mailbox|disk) ?(?:space|allocation|limit|size|capacity)?\b/i,
    box(
      'OWNER\\b[^.]{0,60}(?:out of|not (?:have )?enough|insufficient|no (?:more|free|available)) (?:\\w+ )?(?:storage|space|room)',
    ),
    /(?:not enough|out of|no) (?:storage space|storage|room|free space)\b(?! on device)|not enough free space/i,
    /(?:user'?s?|account) (?:disk )?space (?:has been |is )?(?:used up|full|exceed)|storage limit|storage (?:is )?full|not have enough space|exhausted[^.]{0,30}(?:storage|space|quota)/i,
    /(?:too much|excessive) mail data|too many messages (?:in|on) (?:the |this |his |their )?(?:server|mail ?-?box)/i,
    /number of messages in recipient'?s mailbox|exceed\w* (?:their |the )?receiving limits/i,
    // French, German, Spanish, Italian, Portuguese, Dutch, Polish, Russian, Chinese, Korean
    /bo[iî]te\b[^.]{0,30}pleine|quota d[ée]pass[ée]/i,
    /(?:postfach|posteingang)[^.]{0,40}(?:voll|überfüllt)|speicherplatz[^.]{0,30}(?:überschritten|erschöpft)/i,
    /buz[oó]n[^.]{0,20}lleno|cuota (?:excedida|superada)|casella[^.]{0,40}piena|caixa[^.]{0,40}cheia|cota excedida/i,
    /(?:postvak|mailbox)[^.]{0,15}\bvol\b|skrzynka[^.]{0,20}(?:pełna|przepełniona)|ящик[^.]{0,20}переполнен/i,
    /(?:邮箱|信箱|郵箱|空间|空間|邮件箱)[^。]{0,12}(?:已满|已滿|满|滿|不足)|超[出过過].{0,8}(?:容量|配额)|용량.{0,8}초과|메일함.{0,8}가득/,
  ),
];

// What is said to the sender about his own account is not about the recipient's.
const NOT_YOURS = "(?<!\\b(?:your|sender|sending|senders|sender's|tenant|this server's) )";
const OFF = '(?:suspended|disabled|deactivated|inactive|locked|frozen|archived|on hold|not active|blocked|expired)';
const holder = (pattern: string) =>
  new RegExp(
    pattern
      .replaceAll(
        'HOLDER',
        `${NOT_YOURS}(?:accounts?|mail ?-?box|user(?: or domain)?|recipient|inbox|e-?mail|mailaddress|domain|customer)`,
      )
      .replaceAll('OFF', OFF),
    'i',
  );

export const suspendedMailbox: readonly WordRule[] = words(
  'mailbox_suspended',
  SOURCE,
  holder(
    'HOLDER\\b(?:\\(s\\))?[^.,;]{0,40}? (?:is|are|was|has been|have been|were|been|currently|temporarily|temporary|administratively|administrativley) (?:currently |temporarily |administratively |permanently |now )?(?:suspended|disabled|deactivated|inactive|locked|frozen|archived|on hold|temporarily limited|limited)\\b',
  ),
  holder(
    'HOLDER:? (?:@ )?(?:currently |temporarily |temporary )?(?:suspended|disabled|deactivated|inactive|locked|frozen|archived)\\b',
  ),
  holder(
    '\\b(?:suspended|disabled|deactivated|inactive|locked|frozen|archived|dormant) (?:mail ?-?box|user|recipient|account|address|e-?mail)',
  ),
  holder('HOLDER\\b[^.]{0,20} (?:is|has been) (?:temporarily )?blocked(?! (?:by|from|due|for|because|using))'),
  /disabled or discontinued|(?<!delivery )temporar\w+ (?:locked|inactive|disabled|suspended)|mail ?-?box (?:is )?not active|(?<!delivery |sending |mail )(?:has been|is currently) suspended|(?:is|been) terminated\b/i,
  /suspend the service|mail ?-?box (?:is )?unavailable or access denied|extended inactivity|account (?:has |is )?expired/i,
  /no longer accept(?:s|ing) (?:any )?(?:mail|e-?mail|messages)|not been (?:used|accessed|logged)[^.]{0,40}(?:months?|days|long)/i,
  /mail ?-?box (?:cannot be accessed|is temporarily (?:unavailable|disabled))|deactivated (?:due|because)|unpaid|overdue/i,
  /bo[iî]te du destinataire archiv|compte[^.]{0,30}(?:bloqu|suspendu|d[ée]sactiv)|konto[^.]{0,20}(?:gesperrt|deaktiviert)/i,
  /cuenta[^.]{0,20}(?:suspendida|bloqueada|desactivada)|conta[^.]{0,20}(?:suspensa|bloqueada|desativada)|заблокирован|отключ[её]н/i,
  /(?:帐号|账号|帳號|邮箱|信箱|用户)[^。]{0,8}(?:被禁用|被冻结|停用|已锁定|冻结|凍結|禁用)/,
);

export const movedMailbox: readonly WordRule[] = words(
  'invalid_mailbox',
  SOURCE,
  /has been replaced by|no longer on server|(?:user|recipient|mail ?-?box|address|account) (?:@ )?has moved/i,
  /address (?:@ )?(?:has )?(?:been )?(?:changed|moved) to|has a new (?:e-?mail )?address|user not local[;,:]? please try/i,
  /(?:account|mail ?-?box|address|user|profile)\b[^.,;]{0,30} (?:has been|was|is|been) (?:\w+ )?(?:deleted|removed|closed|cancell?ed|discontinued)/i,
  /(?:user|account|mail ?-?box) (?:deleted|closed|removed|cancell?ed)\b|\b(?:deleted|closed|cancell?ed) (?:account|mail ?-?box|user)|has left (?:the )?(?:company|organi[sz]ation)|no longer (?:works|employed|with)/i,
);

const WHO =
  '(?:users?|user ?names?|userid|mail ?-?box(?:es)?|recipients?|address(?:es)?|accounts?|names?|alias|local[ -]?parts?|persons?|destinations?|subscriber|addressee|rcpt|e-?mail(?: address)?|login|identity)';
const MISSING =
  "(?:unknown|not found|not known|not exist|invalid|undeliverable|incorrect|no longer (?:valid|available|exists?|in use|active|here)|not (?:a )?(?:known|valid|recogni[sz]ed|listed|registered|present|deliverable|local|in (?:my|our|the|this) \\w+)|doesn'?t exist|does not exist|do not exist|don't exist|did not exist|isn't (?:known|valid|found|listed)|could ?n[o']t be found|(?:was|were|is|are)n'?t found|can ?not be found|can't be found|not be located|unrecogni[sz]ed|non-?existent|does not have an?)";
const who = (pattern: string) =>
  new RegExp(
    pattern
      .replaceAll('WHO', WHO)
      .replaceAll('MISSING', MISSING)
      .replaceAll(
        'NOT_SENDER',
        '(?<!\\b(?:sender|from|reverse|host|domain|file|user domain|helo|return|server|ip|mx|service|dns) )',
      ),
    'i',
  );

export const unknownMailbox: readonly WordRule[] = words(
  'invalid_mailbox',
  SOURCE,
  who(
    "\\b(?:unknown|no such|invalid|illegal|incorrect|wrong|undeliverable|unrecogni[sz]ed|nonexist[ea]nt|non-exist[ea]nt|inexistent|inexistant|not existing|bad|no) (?:or (?:unknown|illegal|invalid|misspelled) )?(?:local |e-?mail |mail |smtp |virtual |destination |final delivery |recipient |recipient's |forwarding |remote |receiver |target |internet |postfix )*WHO\\b(?! (?:listed|name)? ?(?:domain|quota|full))",
  ),
  who('NOT_SENDER\\bWHO\\b(?:[^.;]| \\. ){0,60}?[ :(<>"\'-]MISSING'),
  who('MISSING:? (?:user|recipient|mail ?-?box|account)\\b'),
  who(
    "\\b(?:unable to|could ?n[o']t|can ?not|can't|cannot) (?:find|locate|verify|resolve|match|accept) (?:the |this |that |any )?(?:recipient'?s? )?WHO",
  ),
  /callout verification fail|(?:was not|wasn't) found at|not found:? <?@|@>?:? (?:is |was )?(?:not found|unknown|not known|does not exist|invalid)\b|userunknown|unknownuser|user ?(?:is ?)?unknown|RecipNotFound|Recipient ?Not ?Found|(?:no|un)such ?user|NoSuchUser|addressee unknown/i,
  /no (?:one|body) (?:at|here|by|with|is)|nobody (?:here|by|with|at)|there is no one at|no account by that name|no one by that name/i,
  /no (?:mail ?-?box|account|user|valid recipients?|recipients?|such \w+|mail box|entry|one|match)(?: \w+)? (?:here|found|by|with|for|named|available|at|in|that|bye)/i,
  /not (?:our|a|an?) (?:\w+ )?(?:customer|subscriber|mail ?-?box|local user|local address|user|recipient|account|active address)\b|is not an active|not active/i,
  /not listed in|not in (?:domino|our|the|my)? ?(?:directory|name & address|address book|database|user list|list of (?:users|recipients))/i,
  /in name directory|not present in|name is not (?:recogni[sz]ed|found)|was not found in|isn't in my list|not in my validrcptto/i,
  /(?:doesn'?t|does not) have an? [^ ]{1,60} account|doesn't have an? (?:account|mail ?-?box)|has no (?:account|mail ?-?box)/i,
  /bad ?(?:rcpt|recipient) ?to|valid ?rcpt ?to|envelope recipient|destination server rejected recipients|missing home directory/i,
  /(?:address|account|mail ?-?box|user|it|the account or domain) (?:\w+ )?(?:may|might) not exist|unknown or illegal|not email addresses/i,
  /recipient (?:is )?not (?:ok|local|accepted|exist|allowed|valid|permitted)|mail ?-?box is not allowed|wrong or no longer valid/i,
  /recipients?(?: address(?:es)?)? rejected ?: ?(?:access denied|unknown|user|invalid|unverified address|undeliverable|no such|not)/i,
  /550[^.]{0,4}address invalid|addresses? (?:were |was )?(?:unknown|incorrect)|no thank you rejected|account unavailable|spectator does not exist/i,
  // French, German, Spanish, Italian, Portuguese, Dutch, Polish, Swedish, Russian, Chinese, Korean
  /(?:utilisateur|destinataire|adresse|compte|bo[iî]te)\b[^.]{0,40}(?:inconnue?|invalide|inexistante?|n'existe pas|introuvable)/i,
  /(?:empfänger|empfaenger|benutzer|adresse|postfach|mailbox|konto)\w{0,10}\b[^.]{0,40}(?:unbekannt|existiert nicht|nicht (?:gefunden|vorhanden|bekannt|gültig)|ungültig)/i,
  /unbekannter? (?:benutzer|empf|adresse)|no existe (?:dicha|ese|el|la|este)|(?:usuario|destinatario|cuenta|direcci[oó]n|buz[oó]n)[^.]{0,40}(?:desconocid|no existe|inexistente|no encontrad|no v[aá]lid)/i,
  /(?:utente|casella|indirizzo|destinatario)[^.]{0,30}(?:sconosciut|inesistente|non (?:esiste|trovat))|nessun utente/i,
  /(?:usu[aá]rio|destinat[aá]rio|conta\b|endere[cç]o|caixa postal)[^.]{0,30}(?:desconhecid|inexistente|n[aã]o (?:existe|encontrad)|inv[aá]lid)/i,
  /(?:gebruiker|postvak|adres)[^.]{0,20}(?:onbekend|bestaat niet)|onbekende? (?:gebruiker|ontvanger)|(?:użytkownik|adres)\b[^.]{0,20}nie istnieje/i,
  /(?:пользовател|адрес|ящик|получател)[^.]{0,40}(?:не (?:найден|существует|зарегистрирован)|неизвест)|нет такого|неизвестный (?:пользов|получ)/i,
  /(?:用户|用戶|使用者|收件人|收信人|邮箱|信箱|郵箱|帐号|帳號|地址|账号)[^。]{0,10}(?:不存在|未找到|找不到|无效|無效|错误)|(?:无此|查無此|没有该|無此)(?:用户|用戶|人|帳號|收件)|(?:사용자|수신자|계정|주소)[^.]{0,12}(?:없|존재하지)/,
);
