"""The nouns of a Vraagbaak: frozen values, no behaviour beyond small derived facts.

Nothing here knows how it is stored or sent. Moments are aware datetimes in UTC, ids are 26 lower-case characters
that sort by moment (a rounded moment for whoever asks without an account), `uri` is the ActivityPub id.
Fields marked `personal` in `metadata` are listed, with purpose and keeping time, in docs/privacy.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Scope(StrEnum):
    """Who may see a thing, from narrow to wide."""

    NEIGHBOURHOOD = "neighbourhood"
    PILOTS = "pilots"
    PUBLIC = "public"

    @property
    def width(self) -> int:
        """0 for the narrowest; a reply is never wider than what it replies to."""
        return list(Scope).index(self)

    def within(self, other: Scope) -> Scope:
        """Whichever of the two is narrower."""
        return self if self.width <= other.width else other


class Perspective(StrEnum):
    """From where somebody answers: chosen per answer, never kept on a profile."""

    RESIDENT = "resident"
    EXPERIENCE_EXPERT = "experience-expert"
    FAMILY = "family"
    PROFESSIONAL = "professional"
    INITIATIVE = "initiative"
    ENTREPRENEUR = "entrepreneur"


class Role(StrEnum):
    """What a member may do here. It says nothing about from where they answer."""

    RESIDENT = "resident"
    PROFESSIONAL = "professional"
    INITIATIVE = "initiative"
    ENTREPRENEUR = "entrepreneur"
    MODERATOR = "moderator"
    STEWARD = "steward"


class QuestionStatus(StrEnum):
    """Where a question stands. The graph is in lifecycle.py."""

    HELD = "held"
    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"
    HIDDEN = "hidden"


class ReplyStatus(StrEnum):
    """Where an answer or offer stands. The graph is in lifecycle.py."""

    HELD = "held"
    SHOWN = "shown"
    HIDDEN = "hidden"


class Channel(StrEnum):
    """How somebody who offers something wants to get to know another."""

    HERE = "here"
    MEETING_PLACE = "meeting-place"


class Stage(StrEnum):
    """How far an introduction is. The graph is in lifecycle.py."""

    ASKER_AGREED = "asker-agreed"
    HELPER_AGREED = "helper-agreed"
    TALKING = "talking"
    SUCCEEDED = "succeeded"
    ENDED = "ended"


class PushPolicy(StrEnum):
    """Of whose deeds a program wants to be told when it is not open."""

    ALL = "all"
    FOLLOWED = "followed"
    FOLLOWER = "follower"
    NONE = "none"


class FollowState(StrEnum):
    """A follow counts only once it is accepted."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class Helped(StrEnum):
    """What the asker says of an answer."""

    HELPED = "helped"
    PARTLY = "partly"
    NOT_NOW = "not-now"


class Standing(StrEnum):
    """How we stand to another server."""

    PILOT = "pilot"
    OPEN = "open"
    LIMITED = "limited"
    REFUSED = "refused"


class NoticeKind(StrEnum):
    """What somebody did that a member is told of."""

    REPLY = "reply"
    LIKE = "like"
    BOOST = "boost"
    FOLLOW = "follow"
    MATCH = "match"
    NEWS = "news"
    """An answer to a question that is the member's too."""


class SilenceKind(StrEnum):
    """How a member keeps something away from themselves."""

    MUTE = "mute"
    BLOCK = "block"
    SERVER = "server"
    THREAD = "thread"


class AttachmentKind(StrEnum):
    """What a post elsewhere has beside its text."""

    PICTURE = "picture"
    VIDEO = "video"
    SOUND = "sound"
    FILE = "file"
    LINK = "link"


class ReplyPolicy(StrEnum):
    """Which replies stand in a list: to whoever one follows, to who is in the list, or none."""

    FOLLOWED = "followed"
    LISTED = "list"
    NONE = "none"


class FilterContext(StrEnum):
    """Where a filter holds."""

    HOME = "home"
    NOTIFICATIONS = "notifications"
    PUBLIC = "public"
    THREAD = "thread"
    ACCOUNT = "account"


class FilterAction(StrEnum):
    """What an app does with what a filter finds: warn before it, leave it out, or veil its pictures."""

    WARN = "warn"
    HIDE = "hide"
    BLUR = "blur"


class ActorKind(StrEnum):
    """The five kinds of actor that ActivityStreams knows."""

    PERSON = "Person"
    GROUP = "Group"
    APPLICATION = "Application"
    SERVICE = "Service"
    ORGANIZATION = "Organization"


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Where we live: the one server and the one neighbourhood that this process serves."""

    base_url: str
    name: str
    slug: str
    city: str = ""
    languages: tuple[str, ...] = ("nl", "en")
    moderate_anonymous: bool = True
    moderate_outside: bool = True
    known_only: bool = False
    """Whether servers about which nothing was decided are refused."""
    anonymous_delay: int = 15
    """The most minutes that what is said without an account waits before it leaves; 0 for not at all."""

    @property
    def domain(self) -> str:
        """Host, with the port if there is one: how peers call us."""
        return self.base_url.split("://", 1)[1]

    @property
    def application_uri(self) -> str:
        """The instance's own actor, which signs what nobody in particular sends."""
        return f"{self.base_url}/actor"

    @property
    def group_uri(self) -> str:
        """The neighbourhood as a follow target."""
        return f"{self.base_url}/b/{self.slug}"

    @property
    def persona_handle(self) -> str:
        """The shared handle through which residents without an account speak."""
        return f"buurtgenoot-{self.slug}"

    @property
    def circle_uri(self) -> str:
        """The address of 'alle proeftuinen' as seen from here."""
        return f"{self.base_url}/circles/samenbeter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Anyone or anything that speaks on the network, ours or somebody else's."""

    id: str
    uri: str
    kind: ActorKind
    handle: str = field(metadata={"personal": "name others see; kept while the account exists"})
    domain: str
    """Where it is: the host of its uri."""
    named_domain: str = ""
    """The domain of its address when that is another one, as that domain and its server both say."""
    name: str = field(metadata={"personal": "name others see; kept while the account exists"})
    summary: str = field(
        default="", metadata={"personal": "what somebody says of themselves; while the account exists"}
    )
    url: str = ""
    inbox: str = ""
    shared_inbox: str = ""
    local: bool
    shared: bool = False
    announces: bool = False
    """Whether this actor was seen to speak FEP-1b12, and so is sent Announce{activity}."""
    chooses: bool = False
    """Whether this actor was seen to speak ChooseAnswer, so that its server can be sent that."""
    suspended: bool = False
    followers_uri: str = ""
    """Its followers collection, to keep both sides in step (FEP-8fcf)."""
    also_known_as: tuple[str, ...] = field(
        default=(), metadata={"personal": "other accounts of the same person, as they say; until taken back"}
    )
    """The uris of other accounts of the same person, as this one says."""
    moved_to: str = field(default="", metadata={"personal": "where somebody went; while the account exists"})
    """The uri of the account that replaces this one; empty while it is in use."""
    moved_at: datetime | None = None
    fetched_at: datetime | None = None

    @property
    def address(self) -> str:
        """`@handle@domain`, as others look it up."""
        return f"@{self.handle}@{self.shown_domain}"

    @property
    def shown_domain(self) -> str:
        """From where it is, to people: `example.nl` for who lives at `social.example.nl` and is called `@noor@example.nl`."""
        return self.named_domain or self.domain

    @property
    def delivery_inbox(self) -> str:
        """Where a post for this actor goes: the shared inbox of its server if it has one."""
        return self.shared_inbox or self.inbox


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorKey:
    """A public key of an actor; for our own actors also the private half, sealed."""

    id: str
    """The key's uri, with its fragment."""
    actor_id: str
    algorithm: str
    """`rsa` or `ed25519`."""
    public: str
    """PEM for rsa, multibase (`z6Mk...`) for ed25519."""
    sealed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody with an account here."""

    id: str
    actor_id: str
    handle: str = field(metadata={"personal": "to sign in; kept while the account exists"})
    roles: tuple[Role, ...] = (Role.RESIDENT,)
    password_hash: str = field(default="", metadata={"personal": "to sign in; kept while the account exists"})
    language: str = "nl"

    @property
    def moderates(self) -> bool:
        """Whether this member may review and hide."""
        return Role.MODERATOR in self.roles or Role.STEWARD in self.roles


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite:
    """A link that lets somebody in. Only the hash of its code is kept."""

    id: str
    """sha256 of the code, hex."""
    roles: tuple[Role, ...]
    uses_left: int
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A signed-in browser. Only the hash of its secret is kept."""

    id: str
    member_id: str = field(metadata={"personal": "whose session; kept until signing out or expiry"})
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """A program that people can let act for them. It says itself what it is called; nobody checks that."""

    id: str
    """What OAuth calls the client id."""
    secret_hash: str
    """sha256 of the client secret, hex."""
    name: str
    website: str = ""
    redirect_uris: tuple[str, ...]
    """Where it may be told that somebody agreed: exactly these addresses."""
    scopes: tuple[str, ...]
    """The most that it may ask for."""
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationCode:
    """A member agreed; the app can exchange this for a token, once and soon. Only the hash of the code is kept."""

    id: str
    """sha256 of the code, hex."""
    app_id: str
    member_id: str = field(metadata={"personal": "who agreed; at most 10 minutes"})
    redirect_uri: str
    scopes: tuple[str, ...]
    code_challenge: str = ""
    """sha256 of a secret that only the app knows (PKCE, S256); empty when it used none."""
    expires_at: datetime
    spent: bool = False
    """Whether it was shown already; kept until it expires, so that showing it again is noticed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A key that a program uses, in a member's name or in its own. Only its hash is kept."""

    id: str
    """sha256 of the token, hex."""
    member_id: str | None = field(default=None, metadata={"personal": "whose token; kept until revoked"})
    """None for a token that an app has for itself: it sees what everybody sees."""
    app_id: str | None = None
    """None for a token that was made on the command line."""
    code_id: str | None = None
    """The code it was exchanged for: never two tokens for one code."""
    scopes: tuple[str, ...]
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Pilot:
    """A neighbourhood with a Vraagbaak: ours, or one we have met."""

    id: str
    actor_id: str
    uri: str
    domain: str
    slug: str
    name: str
    city: str = ""
    focus: str = ""
    """The 'speerpunt': where this pilot is ahead and helps the others."""
    meeting_place: str = ""
    """The 'wal-adres': where people can walk in."""
    hours: str = ""
    local: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """Another server, and how we stand to it."""

    id: str
    """Its domain, with port if it has one: lower case, no trailing dot."""
    standing: Standing
    application_uri: str = ""
    group_uri: str = ""
    inbox: str = ""
    reason: str = ""
    met_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What questions are about. `sensitive` ones start as narrow as can be."""

    id: str
    """The slug, as in `/o/{slug}` and in `vb:topics`."""
    name: str
    sensitive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """Something on another server that a post from elsewhere names beside its text. It is only ever linked to."""

    kind: AttachmentKind
    url: str
    host: str
    """The domain of `url` in its one spelling, for who wants to know where a link goes."""
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What somebody wants to know, here or in another pilot."""

    id: str
    uri: str
    url: str
    author_id: str = field(
        metadata={"personal": "who asked; the shared persona for who asks without an account"}
    )
    pilot_id: str | None
    title: str = field(metadata={"personal": "the question; until withdrawn"})
    body: str = field(default="", metadata={"personal": "the question; until withdrawn"})
    """Markdown as written; plain text for posts of other software."""
    html: str = field(default="", metadata={"personal": "the question; until withdrawn"})
    """The same, rendered and cleaned."""
    topics: tuple[str, ...] = ()
    wanted: tuple[Perspective, ...] = ()
    """From whom the asker hopes to hear; empty for everybody."""
    times: tuple[str, ...] = field(default=(), metadata={"personal": "when help is wanted; until withdrawn"})
    """Parts of days as `tue-evening`; empty for any."""
    scope: Scope
    status: QuestionStatus
    stated: QuestionStatus = QuestionStatus.OPEN
    """Where its own server says that it stands, for when it comes out of review here."""
    language: str = "nl"
    sensitive: bool = False
    warning: str = field(default="", metadata={"personal": "the question; until withdrawn"})
    """What its writer elsewhere warns for; of ours the title says that."""
    attachments: tuple[Attachment, ...] = field(
        default=(), metadata={"personal": "what stands with the question; until withdrawn"}
    )
    local: bool
    helpful_uri: str = ""
    group_uri: str = ""
    """The neighbourhood elsewhere that its author said it in: who moderates there may close it or take it out of sight."""
    replies_uri: str = ""
    context_uri: str = ""
    gathered_at: datetime | None = None
    """When the servers of those who spoke in it were last asked for replies that did not come here."""
    through: str = ""
    """The neighbourhood elsewhere through which alone it came here; empty when its author's server sent it too."""
    taken_back: bool = False
    """Whether that neighbourhood took back having passed it on: then it is hidden until it is passed on once more."""
    published_at: datetime
    edited_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnCode:
    """What lets whoever asked without an account come back to their question: four words, of which only a hash is kept.

    It stands there once per question and says nothing of who asked, or of another question of theirs.
    """

    id: str = field(metadata={"personal": "proves who asked; until 30 days after the question is gone"})
    """scrypt of the four words, hex."""
    question_id: str
    for_another: bool = False
    """Whether it was asked for somebody else, who is to get a code of their own."""
    ends_at: datetime
    """When the question is deleted everywhere."""
    ended_at: datetime | None = None
    """When the question was deleted; from then on the code only shows who confirmed that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What somebody says to a question, from one perspective; with `parent_id` a comment on an answer."""

    id: str
    uri: str
    url: str
    question_id: str
    parent_id: str | None = None
    author_id: str = field(metadata={"personal": "who answered; until withdrawn"})
    perspective: Perspective
    body: str = field(metadata={"personal": "the answer; until withdrawn"})
    html: str = field(default="", metadata={"personal": "the answer; until withdrawn"})
    scope: Scope
    status: ReplyStatus
    language: str = "nl"
    sensitive: bool = False
    warning: str = field(default="", metadata={"personal": "the answer; until withdrawn"})
    """What its writer warns for, as far as the question does not."""
    attachments: tuple[Attachment, ...] = field(
        default=(), metadata={"personal": "what stands with the answer; until withdrawn"}
    )
    local: bool
    group_uri: str = ""
    """The neighbourhood of its question, when its author named that or it came through it: who moderates there may hide it."""
    replies_uri: str = ""
    """Where its own server lists what was said to it; empty for one of ours."""
    through: str = ""
    """The neighbourhood elsewhere through which alone it came here; empty when its author's server sent it too."""
    taken_back: bool = False
    """Whether that neighbourhood took back having passed it on: then it is hidden until it is passed on once more."""
    published_at: datetime
    edited_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """'Ik bied me aan': something somebody can do for others, standing or in reply to one question."""

    id: str
    uri: str
    url: str
    author_id: str = field(
        metadata={"personal": "who offers elsewhere, the shared persona for one of ours; until withdrawn"}
    )
    helper_id: str | None = field(
        default=None, metadata={"personal": "which of us offers, never shown; until withdrawn"}
    )
    pilot_id: str | None
    question_id: str | None = None
    body: str = field(metadata={"personal": "the offer; until withdrawn"})
    html: str = field(default="", metadata={"personal": "the offer; until withdrawn"})
    topics: tuple[str, ...] = ()
    availability: str = field(default="", metadata={"personal": "when; until withdrawn"})
    times: tuple[str, ...] = field(default=(), metadata={"personal": "when, as codes; until withdrawn"})
    """Parts of days as `tue-evening`; empty for any."""
    distance: int = 0
    """Kilometres that the helper goes; 0 for no bound."""
    channel: Channel = Channel.HERE
    capacity: int = 0
    """How many people a week; 0 for no bound."""
    paused: bool = False
    scope: Scope
    status: ReplyStatus
    language: str = "nl"
    sensitive: bool = False
    warning: str = field(default="", metadata={"personal": "the offer; until withdrawn"})
    """What its writer elsewhere warns for."""
    attachments: tuple[Attachment, ...] = field(
        default=(), metadata={"personal": "what stands with the offer; until withdrawn"}
    )
    local: bool
    published_at: datetime
    edited_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduction:
    """'Kennismaken': an asker and a helper of ours who may get to know each other, once both say yes."""

    id: str
    question_id: str
    offer_id: str
    asker_id: str = field(metadata={"personal": "who asked; until 30 days after the last word"})
    helper_id: str = field(metadata={"personal": "who offers; until 30 days after the last word"})
    stage: Stage
    made_at: datetime
    moved_at: datetime
    """When somebody last said or did something in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Something that one of two said in their closed talk."""

    id: str
    introduction_id: str
    author_id: str = field(metadata={"personal": "who of the two; until 30 days after the last word"})
    body: str = field(metadata={"personal": "what they said; until 30 days after the last word"})
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The asker's word on one answer: 'dit hielp', 'deels', 'nu niet'."""

    id: str
    """The answer's id: one mark per answer."""
    question_id: str
    value: Helped
    marked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow:
    """One actor wants to hear of another."""

    id: str
    uri: str
    follower_id: str = field(metadata={"personal": "who follows; until undone; never shown"})
    target_id: str
    state: FollowState


@dataclass(frozen=True, slots=True, kw_only=True)
class Like:
    """Appreciation, ours or from elsewhere. Kept so that it can be undone; counted for nobody."""

    id: str
    """The uri of the Like activity."""
    actor_id: str = field(metadata={"personal": "who liked; until undone"})
    object_uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bookmark:
    """Something that a member wants to find back. Nobody else knows."""

    id: str
    member_id: str = field(metadata={"personal": "who wants to find it back; until taken back"})
    thing_uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Boost:
    """A member of ours passes on something public to whoever follows them."""

    id: str
    uri: str
    """The id of the Announce."""
    actor_id: str = field(metadata={"personal": "who passes it on; until taken back"})
    thing_uri: str
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """Something that one of our actors puts first: a member on their profile, the neighbourhood on its front page."""

    id: str
    actor_id: str = field(metadata={"personal": "who puts it first; until taken back"})
    thing_uri: str
    pinned_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A picture that a member sent, to stand with what they say. It was made anew: nothing tells where it was taken."""

    id: str
    actor_id: str | None = field(
        metadata={"personal": "who sent it; until what it stands with is withdrawn, unused 24 hours"}
    )
    thing_uri: str = ""
    """What it stands with; empty while it waits for that."""
    planned_id: str | None = None
    """What it is to stand with later: until then it is for nothing else."""
    position: int = 0
    file: str = field(
        metadata={"personal": "the picture; until what it stands with is withdrawn, unused 24 hours"}
    )
    """The name of its files, which nobody can guess."""
    key: str
    """What the proofs in addresses for apps and pilots are made with."""
    media_type: str
    size: int
    """Bytes of its files together."""
    width: int
    height: int
    small_width: int
    small_height: int
    blurhash: str = ""
    description: str = field(
        default="", metadata={"personal": "what is to be seen on it; as long as the picture"}
    )
    focus: tuple[float, ...] = ()
    """What must stay in sight when it is cut: right and up of the middle, from -1 to 1."""
    removed: bool = False
    """Whether only its files are left, which go next."""
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A member is told what somebody did with something of theirs. Kept 90 days."""

    id: str
    member_id: str = field(metadata={"personal": "who is told; 90 days"})
    kind: NoticeKind
    actor_id: str = field(metadata={"personal": "who did it; 90 days"})
    thing_uri: str = ""
    """The reply, or what was liked or passed on; empty for a follow."""
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PushSubscription:
    """Where a program of a member is told something while it is not open. It goes with its token."""

    id: str
    token_id: str
    """One for each token."""
    member_id: str = field(metadata={"personal": "whose program; until it ends, or its token does"})
    endpoint: str = field(
        metadata={"personal": "where the maker of the browser or phone takes messages for it; the same"}
    )
    p256dh: str = field(metadata={"personal": "the key that only this program can read with; the same"})
    auth: str = field(metadata={"personal": "the secret that goes with that key; the same"})
    alerts: tuple[NoticeKind, ...]
    policy: PushPolicy
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """Up to where a member has read a list, so that their apps agree."""

    id: str
    """The member's id and the list."""
    member_id: str = field(metadata={"personal": "who reads; while the account exists"})
    last_id: str
    version: int = 1
    moved_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Somebody, a server or a thread that a member does not want to meet. Nobody else knows."""

    id: str
    member_id: str = field(metadata={"personal": "who wants rest; until taken back"})
    manner: SilenceKind
    about: str = field(metadata={"personal": "from whom or what; until taken back"})
    """The id of an actor, a domain, or the uri of a question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interest:
    """A topic that a member follows."""

    id: str
    member_id: str = field(metadata={"personal": "who follows it; until taken back"})
    topic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """A question that is a member's too, though another asked it: they are told what is said to it."""

    id: str
    member_id: str = field(metadata={"personal": "whose question it is too; until taken back"})
    question_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """Where a member gets one letter a week, because they asked for it."""

    id: str
    member_id: str = field(metadata={"personal": "who wants a letter a week; until taken away"})
    """One for each member."""
    sealed: str = field(metadata={"personal": "where to, encrypted; until taken away, unconfirmed 1 day"})
    """Encrypted with a key that is outside the database."""
    confirmed: bool = False
    refusals: int = 0
    """How many letters on end its server did not want for it."""
    due_at: datetime | None = None
    """When the next letter goes; None until it is confirmed."""
    tried_at: datetime | None = None
    """When the latest letter was begun."""
    told_at: datetime | None = None
    """Up to when it was told what happened."""
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleList:
    """Some of those whom a member follows, to read apart. Nobody else knows."""

    id: str
    member_id: str = field(metadata={"personal": "whose list; until it is deleted"})
    title: str = field(metadata={"personal": "what they call it; until it is deleted"})
    replies: ReplyPolicy = ReplyPolicy.LISTED
    exclusive: bool = False
    """Whether what stands in it is left out at home."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Somebody is in a list, for as long as they are followed."""

    id: str
    list_id: str
    actor_id: str = field(metadata={"personal": "who is in it; until taken out or followed no more"})
    follow_id: str | None
    """The follow that it goes with; None for oneself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterKeyword:
    """A phrase that a filter looks for."""

    id: str
    phrase: str
    whole_word: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class FilteredThing:
    """One thing that a filter names."""

    id: str
    thing_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What a member does not want to meet by surprise, by its words. Their apps see to it; nobody else knows."""

    id: str
    member_id: str = field(metadata={"personal": "who wants that; until it is deleted"})
    title: str = field(metadata={"personal": "what they call it; until it is deleted"})
    contexts: tuple[FilterContext, ...]
    action: FilterAction = FilterAction.WARN
    keywords: tuple[FilterKeyword, ...] = field(
        default=(), metadata={"personal": "words to look for; until they are taken out"}
    )
    things: tuple[FilteredThing, ...] = field(
        default=(), metadata={"personal": "things that are meant; until they are taken out"}
    )
    expires_at: datetime | None = None
    """From when on it does nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What a member wants to be said later. Until then it is nobody else's to read."""

    id: str
    member_id: str = field(metadata={"personal": "whose it is; until it is said or called off"})
    given: str = field(metadata={"personal": "what is to be said; until it is said or called off"})
    """JSON, in the form in which the program gave it."""
    due_at: datetime
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountNote:
    """What a member wants to remember of somebody. Nobody else reads it."""

    id: str
    member_id: str = field(metadata={"personal": "who remembers it; until it is emptied"})
    actor_id: str = field(metadata={"personal": "of whom; until it is emptied"})
    text: str = field(metadata={"personal": "what; until it is emptied"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """What came of a request that a program may send twice. Kept an hour."""

    id: str
    """sha256 of the member and the program's key, hex."""
    member_id: str = field(metadata={"personal": "whose program; 1 hour"})
    thing_id: str
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Somebody's complaint about things here, for the moderators; from another server it has no name under it."""

    id: str
    uri: str
    """The id of the Flag, or of the report itself."""
    domain: str
    """The server it came from; ours for a report by a member of ours."""
    about: tuple[str, ...]
    """The uris of what it is about."""
    text: str = field(metadata={"personal": "what is wrong; 90 days"})
    made_at: datetime
    handled_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """Something was here, or was deleted before it came: it never comes back under this uri."""

    id: str
    """Both uris: a grave holds for the one who dug it."""
    uri: str
    actor_uri: str
    """Who deleted it: only a Delete by the author keeps a later Create out."""
    kind: str
    public: bool = False
    """Whether outsiders may know that something was here."""
    deleted_at: datetime


Thing = Question | Answer | Offer
