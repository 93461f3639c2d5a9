using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Session;

/// <summary>Where the facilitator wants everybody to be: a counter that goes up with every call, so that nobody is moved twice.</summary>
public sealed record Gathering(int Number, string Path)
{
    public const int MostCharacters = 300;

    /// <summary>Whether an address is one of the rollout's own pages: nobody is led anywhere else.</summary>
    public static bool IsInside(string rolloutId, string path)
    {
        var (home, page) = ("/rollouts/" + rolloutId, path.Split('?', '#')[0]);
        return path.Length <= MostCharacters && path.StartsWith(home, StringComparison.Ordinal) && (path.Length == home.Length || path[home.Length] is '/' or '?' or '#')
            && path.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '-' or '_' or '.' or '~' or '?' or '#' or '=' or '&' or '%' or '+' or ',') && !page.Contains('%') && !path.Contains("..", StringComparison.Ordinal) && !path.Contains("//", StringComparison.Ordinal);   // a browser reads %2e%2e as ..
    }
}

/// <summary>A round of writing that nobody sees before it ends.</summary>
/// <param name="Field">Where the texts are wanted, as a field key writes it; null for a question of its own.</param>
/// <param name="Texts">By person.</param>
/// <param name="Item">Index of the agenda's item at which it was asked; null where that was not noted.</param>
public sealed record PrivateRound(string Question, string? Field, IReadOnlyDictionary<string, string> Texts, bool Revealed, int? Item = null);

/// <summary>What a session remembers between two requests. Stored as one document; immutable.</summary>
/// <param name="At">Index of the agenda's item that is being worked on.</param>
/// <param name="Timers">One per item.</param>
/// <param name="Ready">People who are done with the item at hand.</param>
/// <param name="Ballots">By step.</param>
/// <param name="Round">The last round of private writing, open or revealed.</param>
/// <param name="Past">The rounds before it.</param>
/// <param name="Closing">What the room left with; null while the session is open.</param>
public sealed record SessionBoard(IReadOnlyList<AgendaItem> Agenda, int At, IReadOnlyList<SessionTimer> Timers, IReadOnlyList<string> Ready, IReadOnlyDictionary<int, Ballot> Ballots, Gathering? Gathering, PrivateRound? Round,
    IReadOnlyList<PrivateRound> Past, SessionClosing? Closing)
{
    public static SessionBoard Of(IReadOnlyList<AgendaItem> agenda) => new(agenda, 0, [.. agenda.Select(_ => SessionTimer.Zero)], [], new Dictionary<int, Ballot>(), null, null, [], null);

    public AgendaItem Item => Agenda[At];
    public SessionTimer Timer => Timers[At];
}

/// <summary>A facilitated session of one rollout. At most one is open at a time.</summary>
public sealed class WorkshopSession
{
    private WorkshopSession() { }
    public WorkshopSession(string id, string rolloutId, string code, string facilitator, DateTimeOffset at, IReadOnlyList<AgendaItem> agenda)
        => (Id, RolloutId, Code, Facilitator, OpenedBy, OpenedAt, Board) = (id, rolloutId, code, facilitator, facilitator, at, SessionBoard.Of(agenda));

    public string Id { get; private set; } = "";
    public string RolloutId { get; private set; } = "";
    /// <summary>What people type to join: six letters and digits that are hard to mix up.</summary>
    public string Code { get; private set; } = "";
    /// <summary>A person's id.</summary>
    public string Facilitator { get; private set; } = "";
    public string OpenedBy { get; private set; } = "";
    public DateTimeOffset OpenedAt { get; private set; }
    public DateTimeOffset? EndedAt { get; private set; }
    public SessionBoard Board { get; private set; } = SessionBoard.Of(Agenda.Usual);
    public long Version { get; private set; }

    /// <summary>Rounds of private writing.</summary>
    public const int MostRounds = 30;

    public bool Open => EndedAt is null;

    /// <summary>Goes to another item; its clock starts, the other's stops, and nobody is ready any more. Faults: <c>session.ended</c>, <c>field.invalid</c>.</summary>
    public Result<Done> GoTo(int item, DateTimeOffset now)
    {
        if (Over() is { } over) return over;
        if (item < 0 || item >= Board.Agenda.Count) return Fault.Invalid("field.invalid", $"The agenda has items 0 to {Board.Agenda.Count - 1}.", "item");
        if (item == Board.At) return Done.Value;
        var timers = Board.Timers.Select((t, i) => i == Board.At ? t.Stop(now) : i == item && Board.Timer.RunningSince is not null ? t.Start(now) : t);
        return Change(Board with { At = item, Timers = [.. timers], Ready = [] });
    }

    public Result<Done> Clock(bool running, DateTimeOffset now)
        => Over() is { } over ? over : running == Board.Timer.RunningSince is not null ? Done.Value : Change(Board with { Timers = [.. Board.Timers.Select((t, i) => i != Board.At ? t : running ? t.Start(now) : t.Stop(now))] });

    /// <summary>Gives an item another time box. Faults: <c>session.ended</c>, <c>field.invalid</c>.</summary>
    public Result<Done> SetBox(int item, TimeSpan box)
    {
        if (Over() is { } over) return over;
        if (item < 0 || item >= Board.Agenda.Count) return Fault.Invalid("field.invalid", $"The agenda has items 0 to {Board.Agenda.Count - 1}.", "item");
        if (box < Agenda.Shortest || box > Agenda.Longest) return Fault.Invalid("field.invalid", "A time box is 1 minute to 4 hours.", "box");
        return Change(Board with { Agenda = [.. Board.Agenda.Select((a, i) => i == item ? a with { Box = box } : a)] });
    }

    public Result<Done> SetReady(string person, bool ready)
        => Over() is { } over ? over : Board.Ready.Contains(person) == ready ? Done.Value : Change(Board with { Ready = ready ? [.. Board.Ready, person] : [.. Board.Ready.Where(p => p != person)] });

    /// <summary>Hands the role over, or takes it back.</summary>
    public Result<Done> HandOver(string to)
    {
        if (Over() is { } over) return over;
        if (to == Facilitator) return Done.Value;
        Facilitator = to;
        Version++;
        return Done.Value;
    }

    /// <summary>Brings everybody to a page of the session.</summary>
    public Result<Done> Gather(string path) => Over() is { } over ? over : Change(Board with { Gathering = new Gathering((Board.Gathering?.Number ?? 0) + 1, path) });

    /// <summary>Faults: <c>session.ended</c> and those of <see cref="Ballot.Vote"/>.</summary>
    public Result<Done> Vote(int step, string person, int confidence) => Over() is { } over ? over : Keep(step, BallotOf(step).Vote(person, confidence));

    /// <summary>Faults: <c>session.ended</c> and those of <see cref="Ballot.Reveal"/>.</summary>
    public Result<Done> Reveal(int step) => Over() is { } over ? over : BallotOf(step).Revealed ? Done.Value : Keep(step, BallotOf(step).Reveal());

    /// <summary>Forgets the votes of a step and begins another round.</summary>
    public Result<Done> VoteAgain(int step) => Over() is { } over ? over : Keep(step, Ballot.Open);

    public Ballot BallotOf(int step) => Board.Ballots.TryGetValue(step, out var ballot) ? ballot : Ballot.Open;

    /// <summary>Begins a round of private writing. Faults: <c>session.ended</c>, <c>round.open</c>, <c>round.many</c>.</summary>
    public Result<Done> Ask(string question, string? field)
    {
        if (Over() is { } over) return over;
        if (Board.Round is { Revealed: false }) return Fault.Conflict("round.open", "A round of private writing is open. Reveal it before the next begins.");
        if (Board.Past.Count + 1 >= MostRounds) return Fault.Refused("round.many", $"A session has at most {MostRounds} rounds of private writing.");
        return Change(Board with { Round = new PrivateRound(question, field, new Dictionary<string, string>(), false, Board.At), Past = Board.Round is { } before ? [.. Board.Past, before] : Board.Past });
    }

    /// <summary>Writes into the round; empty takes it back. Faults: <c>session.ended</c>, <c>round.closed</c>.</summary>
    public Result<Done> Write(string person, string text)
    {
        if (Over() is { } over) return over;
        if (Board.Round is not { Revealed: false } round) return Fault.Conflict("round.closed", "There is no round of private writing open.");
        if (round.Texts.GetValueOrDefault(person, "") == text) return Done.Value;
        var texts = new Dictionary<string, string>(round.Texts);
        if (text.Length == 0) texts.Remove(person);
        else texts[person] = text;
        return Change(Board with { Round = round with { Texts = texts } });
    }

    /// <summary>Shows everybody what everybody wrote. Faults: <c>session.ended</c>, <c>round.closed</c>.</summary>
    public Result<Done> RevealRound()
    {
        if (Over() is { } over) return over;
        return Board.Round is { Revealed: false } round ? Change(Board with { Round = round with { Revealed = true } }) : Fault.Conflict("round.closed", "There is no round of private writing open.");
    }

    /// <summary>Ends it for good and keeps what the room leaves with. A round of private writing that nobody revealed is forgotten: its authors were promised that.</summary>
    public Result<Done> End(DateTimeOffset now, SessionClosing closing)
    {
        if (Over() is { } over) return over;
        EndedAt = now;
        var hidden = Board.Round is { Revealed: false };
        return Change(Board with
        {
            Timers = [.. Board.Timers.Select(t => t.Stop(now))],
            Ballots = Board.Ballots.Where(b => b.Value.Revealed).ToDictionary(),
            Round = hidden ? Board.Past is [.., var last] ? last : null : Board.Round,
            Past = hidden ? [.. Board.Past.SkipLast(1)] : Board.Past,
            Closing = closing,
        });
    }

    private Fault? Over() => Open ? null : Fault.Conflict("session.ended", "This session has ended. What it made stays in the rollout; open another session to go on.");

    private Result<Done> Keep(int step, Result<Ballot> ballot) => ballot.Then(b => Change(Board with { Ballots = new Dictionary<int, Ballot>(Board.Ballots) { [step] = b } }));

    private Result<Done> Change(SessionBoard board)
    {
        Board = board;
        Version++;
        return Done.Value;
    }
}
