using System.Collections.Immutable;
using OpsConsole.Platform.Realtime;

namespace OpsConsole.Features.Authority;

/// <summary>Who has a draft open for editing right now, on this server. Leaves no record.</summary>
internal sealed class DraftPresence(Signals signals)
{
    private readonly Lock _gate = new();
    private ImmutableList<Seat> _seats = [];

    private sealed class Seat(DraftPresence room, string rollout, string person) : IDisposable
    {
        public string Rollout => rollout;
        public string Person => person;
        public void Dispose() => room.Leave(this);
    }

    /// <summary>Until the answer is disposed of.</summary>
    public IDisposable Enter(string rollout, string personId)
    {
        var seat = new Seat(this, rollout, personId);
        lock (_gate) _seats = _seats.Add(seat);
        signals.Publish(TopicOf(rollout));
        return seat;
    }

    /// <summary>Ids of the people, each once, in the order in which they came.</summary>
    public IReadOnlyList<string> In(string rollout) => [.. _seats.Where(s => s.Rollout == rollout).Select(s => s.Person).Distinct()];

    public static string TopicOf(string rollout) => "editors:" + rollout;

    private void Leave(Seat seat)
    {
        lock (_gate) _seats = _seats.Remove(seat);
        signals.Publish(TopicOf(seat.Rollout));
    }
}
