using System.Text.Json;

namespace OpsConsole.Core.Audit;

/// <summary>Holds the searchable columns of an entry against its hashed text, in one pass over the text and without copying anything out of it: a log is verified by the million.</summary>
internal ref struct LeafColumns
{
    private const int Whole = 0b1111111;   // actor, details, event, object, prev, seq, ts

    private readonly AuditEntry _entry;
    private readonly ReadOnlySpan<char> _prev;
    private readonly ReadOnlySpan<char> _payload;
    private int _met;
    private bool _actor, _event, _object, _chained, _seq, _time, _committed, _payloadFits;
    private bool _rollout, _decision;

    private LeafColumns(AuditEntry entry, ReadOnlySpan<char> prev, ReadOnlySpan<char> payload)
    {
        _entry = entry;
        _prev = prev;
        _payload = payload;
        (_rollout, _decision) = (entry.RolloutId is null, entry.DecisionSeq is null);   // absent in the text until it is met
    }

    /// <summary>The first thing that differs, in words, or null.</summary>
    /// <param name="prev">The predecessor's chain hash, hex.</param>
    /// <param name="payload">The commitment to the stored payload, hex; empty when there is no payload.</param>
    /// <param name="redacted">The payload may be missing.</param>
    public static string? Differ(ReadOnlySpan<byte> leaf, AuditEntry entry, ReadOnlySpan<char> prev, ReadOnlySpan<char> payload, bool redacted)
    {
        var columns = new LeafColumns(entry, prev, payload);
        try
        {
            var reader = new Utf8JsonReader(leaf);
            columns.Read(ref reader);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            columns._met = 0;
        }
        return columns.Verdict(redacted);
    }

    private readonly string? Verdict(bool redacted)
    {
        if (_met != Whole) return "the hashed text is not a leaf";
        if (!_seq) return "the sequence number inside differs from the row's";
        if (!_chained) return "it names another predecessor";
        if (!_event) return "the event column differs from the hashed text";
        if (!_object) return "the object column differs from the hashed text";
        if (!_actor) return "the actor column differs from the hashed text";
        if (!_time) return "the time column differs from the hashed text";
        if (!_rollout) return "the rollout column differs from the hashed text";
        if (!_decision) return "the decision column differs from the hashed text";
        if (_payload.IsEmpty) return !_committed || redacted ? null : "its payload is missing, and no later entry says that it was redacted";
        return !_committed ? "it has a payload that it never committed to" : !_payloadFits ? "its payload was changed" : null;
    }

    private void Read(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject) return;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("actor"u8)) ReadActor(ref reader);
            else if (reader.ValueTextEquals("details"u8)) ReadDetails(ref reader);
            else if (reader.ValueTextEquals("event"u8)) _event = Says(ref reader, _entry.Event, 2);
            else if (reader.ValueTextEquals("object"u8)) _object = Says(ref reader, _entry.Object, 3);
            else if (reader.ValueTextEquals("prev"u8)) _chained = Says(ref reader, _prev, 4);
            else if (reader.ValueTextEquals("seq"u8))
            {
                Meet(ref reader, 5);
                _seq = reader.GetInt64() == _entry.Seq;
            }
            else if (reader.ValueTextEquals("ts"u8))
            {
                Meet(ref reader, 6);
                _time = reader.GetDateTimeOffset().UtcTicks == _entry.At.UtcTicks;
            }
            else reader.Skip();
        }
        if (reader.Read()) throw new JsonException("There is something after the object.");
    }

    private void ReadActor(ref Utf8JsonReader reader)
    {
        Meet(ref reader, 0);
        if (reader.TokenType != JsonTokenType.StartObject) throw new JsonException("The actor is not an object.");
        var cut = _entry.Actor.IndexOf(':', StringComparison.Ordinal);
        var type = _entry.Actor.AsSpan(0, Math.Max(0, cut));
        var id = _entry.Actor.AsSpan(cut + 1);
        var (typeFits, idFits) = (false, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isType, isId) = (reader.ValueTextEquals("type"u8), reader.ValueTextEquals("id"u8));
            reader.Read();
            if (isType) typeFits = reader.ValueTextEquals(type);
            else if (isId) idFits = reader.ValueTextEquals(id);
            else reader.Skip();
        }
        _actor = cut >= 0 && typeFits && idFits;
    }

    private void ReadDetails(ref Utf8JsonReader reader)
    {
        Meet(ref reader, 1);
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("rollout"u8))
            {
                reader.Read();
                _rollout = reader.TokenType == JsonTokenType.Null ? _entry.RolloutId is null : _entry.RolloutId is { } rollout && reader.ValueTextEquals(rollout);
            }
            else if (reader.ValueTextEquals("decision_seq"u8))
            {
                reader.Read();
                _decision = reader.GetInt64() == _entry.DecisionSeq;
            }
            else if (reader.ValueTextEquals("payload_sha256"u8))
            {
                reader.Read();
                _committed = reader.TokenType != JsonTokenType.Null;
                _payloadFits = _committed && reader.ValueTextEquals(_payload);
            }
            else reader.Skip();
        }
    }

    private bool Says(ref Utf8JsonReader reader, ReadOnlySpan<char> text, int place)
    {
        Meet(ref reader, place);
        return reader.ValueTextEquals(text);
    }

    private void Meet(ref Utf8JsonReader reader, int place)
    {
        reader.Read();
        _met |= 1 << place;
    }
}
