using System.Buffers;
using System.Text;
using System.Text.Json;
using FsCheck.Fluent;
using OpsConsole.Core.Access;
using OpsConsole.Core.Audit;
using OpsConsole.Tests.Core.Authority;

namespace OpsConsole.Tests.Core.Audit;

public sealed class AuditLeafTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 4, 9, 0, 0, 123, TimeSpan.Zero);

    [Fact]
    public void Write_AnyEntry_IsItsOwnCanonicalForm() => MatrixGenerators.Holds(
        from words in Gen.ArrayOf(Gen.Elements("", "dana", "Grüße", "😀", "\"\\\n", "\u0001\u007f", "</a>"), 5) from seq in Gen.Choose(1, int.MaxValue) from micros in Gen.Choose(0, int.MaxValue) select (words, seq, micros),
        x =>
        {
            var details = Jcs.Bytes(JsonSerializer.SerializeToElement(new { z = x.words[0], a = x.words[1] }));
            var leaf = Leaf(x.seq, Start.AddMicroseconds(x.micros), new Actor(x.words[2], x.words[3], "session"), x.words[4], "obj", details, new byte[32]);
            return Jcs.Text(JsonElement.Parse(leaf)) == Encoding.UTF8.GetString(leaf);
        }, 500);

    [Fact]
    public void Check_UntouchedChain_FindsNothing() => Assert.Null(FirstBreak(Chain(20)));

    [Fact]
    public void Check_AnyByteOfALeafOrHash_IsFound()
    {
        var log = Chain(3);
        var leaf = log[1].Entry.Leaf;
        for (var i = 0; i < leaf.Length; i++)
        {
            var text = leaf[..i] + (char)(leaf[i] ^ 1) + leaf[(i + 1)..];
            Assert.Equal(2, FirstBreak(With(log, 1, Copy(log[1].Entry, leaf: text))));
        }
        for (var bit = 0; bit < 256; bit++)
        {
            var chain = (byte[])log[1].Entry.Chain.Clone();
            chain[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Equal(2, FirstBreak(With(log, 1, Copy(log[1].Entry, chain: chain))));
        }
    }

    [Fact]
    public void Check_AnyOneTampering_IsFound() => MatrixGenerators.Holds(
        from kind in Gen.Elements("swap", "delete", "insert", "payload", "salt", "event", "object", "actor", "time", "seq", "rollout", "decision", "rehash") from at in Gen.Choose(0, 8) select (kind, at),
        x =>
        {
            var log = Chain(10).ToList();
            var (entry, payload) = log[x.at];
            switch (x.kind)
            {
                case "swap": (log[x.at], log[x.at + 1]) = (log[x.at + 1], log[x.at]); break;
                case "delete": log.RemoveAt(x.at); break;
                case "insert": log.Insert(x.at, log[x.at]); break;
                case "payload": log[x.at] = (entry, new AuditPayload { Seq = entry.Seq, Salt = payload!.Salt, Body = payload.Body + " " }); break;
                case "salt": log[x.at] = (entry, new AuditPayload { Seq = entry.Seq, Salt = new byte[16], Body = payload!.Body }); break;
                case "event": log[x.at] = (Copy(entry, evt: "x"), payload); break;
                case "object": log[x.at] = (Copy(entry, obj: "x"), payload); break;
                case "actor": log[x.at] = (Copy(entry, actor: "person:x"), payload); break;
                case "time": log[x.at] = (Copy(entry, at: entry.At.AddMicroseconds(1)), payload); break;
                case "seq": log[x.at] = (Copy(entry, seq: entry.Seq + 1), payload); break;
                case "rollout": log[x.at] = (Copy(entry, rollout: "rol_other"), payload); break;
                case "decision": log[x.at] = (Copy(entry, decision: 999), payload); break;
                default:
                    // Somebody who can hash: rewrites one entry with its own hash; the next one then names another predecessor.
                    var leaf = entry.Leaf.Replace("\"n\":", "\"m\":", StringComparison.Ordinal);
                    var prev = x.at == 0 ? new byte[32] : log[x.at - 1].Entry.Chain;
                    log[x.at] = (Copy(entry, leaf: leaf, chain: AuditLeaf.Chain(prev, Encoding.UTF8.GetBytes(leaf))), payload);
                    break;
            }
            return FirstBreak(log) is { } found && found <= x.at + 2;
        }, 400);

    [Fact]
    public void Check_PayloadErased_IsFineOnceItWasRecorded()
    {
        var entry = Chain(1)[0].Entry;
        Assert.Null(AuditLeaf.Check(entry, 1, new byte[32], null, redacted: true));
        Assert.Contains("payload is missing", AuditLeaf.Check(entry, 1, new byte[32], null), StringComparison.Ordinal);
        Assert.Equal(7, AuditPayload.SeqOf(AuditPayload.ObjectOf(7)));
        Assert.Null(AuditPayload.SeqOf("dec_7"));
    }

    [Fact]
    public void Check_PayloadNeverCommitted_IsFound()
    {
        var leaf = Leaf(1, Start, Actor.System, "e", "o", [], new byte[32]);
        var entry = new AuditEntry { Seq = 1, At = Start, Event = "e", Object = "o", Actor = "system:console", Leaf = Encoding.UTF8.GetString(leaf), Chain = AuditLeaf.Chain(new byte[32], leaf) };
        Assert.Null(AuditLeaf.Check(entry, 1, new byte[32], null));
        Assert.Contains("payload", AuditLeaf.Check(entry, 1, new byte[32], new AuditPayload { Seq = 1, Salt = new byte[16], Body = "{}" }), StringComparison.Ordinal);
    }

    private static List<(AuditEntry Entry, AuditPayload? Payload)> Chain(int count)
    {
        var (list, prev) = (new List<(AuditEntry, AuditPayload?)>(), new byte[32]);
        for (var seq = 1; seq <= count; seq++)
        {
            var payload = new AuditPayload { Seq = seq, Salt = Enumerable.Repeat((byte)seq, 16).ToArray(), Body = $"{{\"text\":\"Grüße {seq}\"}}" };
            var details = Jcs.Bytes(JsonSerializer.SerializeToElement(new { n = seq, decision_seq = 7, payload_sha256 = AuditLeaf.Commit(payload.Salt, Encoding.UTF8.GetBytes(payload.Body)), rollout = "rol_1" }));
            var leaf = Leaf(seq, Start.AddSeconds(seq), Actor.Person("per_1"), "thing.done", "obj_" + seq, details, prev);
            prev = AuditLeaf.Chain(prev, leaf);
            list.Add((new AuditEntry
            {
                Seq = seq, At = Start.AddSeconds(seq), Event = "thing.done", Object = "obj_" + seq, Actor = "person:per_1", RolloutId = "rol_1", DecisionSeq = 7, Leaf = Encoding.UTF8.GetString(leaf), Chain = prev,
            }, payload));
        }
        return list;
    }

    /// <summary>The place (from 1) of the first entry that is not right, as a verification walks it; null when all are.</summary>
    private static int? FirstBreak(List<(AuditEntry Entry, AuditPayload? Payload)> log)
    {
        var prev = new byte[32];
        for (var i = 0; i < log.Count; i++)
        {
            if (AuditLeaf.Check(log[i].Entry, i + 1, prev, log[i].Payload) is not null) return i + 1;
            prev = log[i].Entry.Chain;
        }
        return null;
    }

    private static List<(AuditEntry, AuditPayload?)> With(List<(AuditEntry Entry, AuditPayload? Payload)> log, int index, AuditEntry entry) => [.. log.Select((l, i) => i == index ? (entry, l.Payload) : l)];

    private static AuditEntry Copy(AuditEntry e, string? leaf = null, byte[]? chain = null, string? evt = null, string? obj = null, string? actor = null, DateTimeOffset? at = null, long? seq = null, string? rollout = null, long? decision = null) => new()
    {
        Seq = seq ?? e.Seq, At = at ?? e.At, Event = evt ?? e.Event, Object = obj ?? e.Object, Actor = actor ?? e.Actor, RolloutId = rollout ?? e.RolloutId, DecisionSeq = decision ?? e.DecisionSeq, Leaf = leaf ?? e.Leaf, Chain = chain ?? e.Chain,
    };

    private static byte[] Leaf(long seq, DateTimeOffset at, Actor actor, string evt, string obj, byte[] details, byte[] prev)
    {
        var buffer = new ArrayBufferWriter<byte>();
        AuditLeaf.Write(buffer, seq, at, actor, evt, obj, details, prev);
        return buffer.WrittenSpan.ToArray();
    }
}
