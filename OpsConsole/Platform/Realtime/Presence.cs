using System.Collections.Immutable;

namespace OpsConsole.Platform.Realtime;

/// <summary>Somebody who has a page open.</summary>
/// <param name="Where">Where in it they are, as the page counts places; null: nowhere in particular.</param>
internal sealed record Present(string PersonId, string? Where);

/// <summary>Who has a page open right now, on this server, and where in it they are. A room is called by the topic that says when somebody comes, goes or moves. Leaves no record.</summary>
internal sealed class Presence(Signals signals)
{
    private readonly Lock _gate = new();
    private ImmutableList<Seat> _seats = [];

    /// <summary>One open page. Disposing of it leaves.</summary>
    internal sealed class Seat(Presence presence, string room, string person) : IDisposable
    {
        public string Room => room;
        public string Person => person;
        public string? Where { get; private set; }

        public void Stand(string? where)
        {
            if (Where == where) return;
            Where = where;
            presence.Tell(room);
        }

        public void Dispose() => presence.Leave(this);
    }

    public Seat Enter(string room, string personId)
    {
        var seat = new Seat(this, room, personId);
        lock (_gate) _seats = _seats.Add(seat);
        Tell(room);
        return seat;
    }

    /// <summary>Everybody in the order in which they came, but for the page that asks.</summary>
    public IReadOnlyList<Present> In(string room, Seat? me = null) => [.. _seats.Where(s => s.Room == room && s != me).Select(s => new Present(s.Person, s.Where)).Distinct()];

    private void Tell(string room) => signals.Publish(room);

    private void Leave(Seat seat)
    {
        lock (_gate) _seats = _seats.Remove(seat);
        Tell(seat.Room);
    }
}
