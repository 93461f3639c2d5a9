using System.Collections.Immutable;
using OpsConsole.Platform.Realtime;

namespace OpsConsole.Features.Workshop;

/// <summary>Somebody with the worksheets open, and the field they stand in.</summary>
internal sealed record Present(string PersonId, string? Field);

/// <summary>Who has the worksheets of a rollout open right now, on this server, and in which field. Leaves no record. Topic <c>sheets-people:&lt;rollout&gt;</c>.</summary>
internal sealed class FieldPresence(Signals signals)
{
    private readonly Lock _gate = new();
    private ImmutableList<Seat> _seats = [];

    /// <summary>One open page. Disposing of it leaves.</summary>
    internal sealed class Seat(FieldPresence room, string rollout, string person) : IDisposable
    {
        public string Rollout => rollout;
        public string Person => person;
        public string? Field { get; private set; }

        public void Stand(string? field)
        {
            if (Field == field) return;
            Field = field;
            room.Tell(rollout);
        }

        public void Dispose() => room.Leave(this);
    }

    public static string Topic(string rollout) => "sheets-people:" + rollout;

    public Seat Enter(string rollout, string personId)
    {
        var seat = new Seat(this, rollout, personId);
        lock (_gate) _seats = _seats.Add(seat);
        Tell(rollout);
        return seat;
    }

    /// <summary>Everybody but the one who asks, in the order in which they came.</summary>
    public IReadOnlyList<Present> Others(string rollout, Seat? me) => [.. _seats.Where(s => s.Rollout == rollout && s != me).Select(s => new Present(s.Person, s.Field)).Distinct()];

    private void Tell(string rollout) => signals.Publish(Topic(rollout));

    private void Leave(Seat seat)
    {
        lock (_gate) _seats = _seats.Remove(seat);
        Tell(seat.Rollout);
    }
}
