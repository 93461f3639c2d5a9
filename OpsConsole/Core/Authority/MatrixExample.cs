using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Authority;

/// <summary>A call that a matrix must answer as written here, whatever else changes.</summary>
public sealed record MatrixExample
{
    /// <summary><c>E-1</c> and so on, unless its author chose another.</summary>
    public required string Id { get; init; }
    /// <summary>What the case is about, in words: 'VIP refund'.</summary>
    public required string Name { get; init; }
    /// <summary>In the form of <see cref="CallShape"/>.</summary>
    public required JsonElement Call { get; init; }
    /// <summary>What the matrix must say. Tier and gate come after the matrix and are no part of it.</summary>
    public required RuleOutcome Expect { get; init; }
    public string? Note { get; init; }
}

/// <summary>The cases that a rollout's matrix must answer as written, in their authors' order. One that it answers otherwise stands against publishing (<see cref="ExampleChecks"/>).</summary>
public sealed class MatrixExamples
{
    /// <summary>How many there may be.</summary>
    public const int MaxExamples = 500;
    /// <summary>How long all of them may be together, in characters of JSON.</summary>
    public const int MaxText = 256 * 1024;

    private MatrixExamples(IReadOnlyList<MatrixExample> items) => Items = items;

    public static MatrixExamples Empty { get; } = new([]);

    public IReadOnlyList<MatrixExample> Items { get; }

    public MatrixExample? Find(string id) => Items.FirstOrDefault(e => e.Id == id);

    /// <summary>
    /// With <paramref name="now"/> in the place and under the id of <paramref name="was"/>; at the end and under the next free id where that is null; without it where
    /// <paramref name="now"/> is null. What others saved stays. Faults: <c>examples.changed</c> when somebody changed or removed <paramref name="was"/> since it was read, <c>examples.full</c>.
    /// </summary>
    public Result<MatrixExamples> With(MatrixExample? was, MatrixExample? now)
    {
        if (was is null) return now is null ? this : Items.Count >= MaxExamples ? Full($"{MaxExamples} examples") : Checked([.. Items, now with { Id = NextId() }]);
        if (Find(was.Id) is not { } stands || TextOf([stands]) != TextOf([was])) return Fault.Conflict("examples.changed", $"Somebody changed the example {was.Id} in the meantime. Look at what stands there now, and change that.");
        return Checked(now is null ? [.. Items.Where(e => e.Id != was.Id)] : [.. Items.Select(e => e.Id == was.Id ? now with { Id = was.Id } : e)]);
    }

    /// <summary>Reads a list of examples. Codes: <c>field.unknown</c>, <c>field.invalid</c> (an id twice is one of these), <c>examples.full</c>.</summary>
    public static Result<MatrixExamples> Parse(JsonElement body)
    {
        var reader = new Reader();
        var items = reader.Examples(body);
        return reader.Fault is { } fault ? fault : Checked(items);
    }

    /// <summary>The canonical text: in a stable order of fields, equal for equal lists.</summary>
    public string ToJson() => TextOf(Items);

    private static Result<MatrixExamples> Checked(IReadOnlyList<MatrixExample> items) => TextOf(items).Length > MaxText ? Full($"{MaxText / 1024} KB of examples") : new MatrixExamples(items);

    private static Fault Full(string most) => Fault.Refused("examples.full", $"A matrix has at most {most}. Remove what another example says already.");

    private string NextId() => RowIds.After("E-", Items.Select(e => e.Id)).First();

    private static string TextOf(IEnumerable<MatrixExample> items)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, MatrixJson.Readable))
        {
            json.WriteStartArray();
            foreach (var example in items) Write(example, json);
            json.WriteEndArray();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(MatrixExample example, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("id", example.Id);
        json.WriteString("name", example.Name);
        json.WritePropertyName("call");
        example.Call.WriteTo(json);
        json.WriteString("expect", MatrixWords.Of(example.Expect));
        if (example.Note is { } note) json.WriteString("note", note);
        json.WriteEndObject();
    }

    private sealed class Reader : CallReader
    {
        private static readonly string[] Known = ["id", "name", "call", "expect", "note"];
        private readonly HashSet<string> _ids = new(StringComparer.Ordinal);

        public IReadOnlyList<MatrixExample> Examples(JsonElement body) => List(body, "", MaxExamples, Example);

        private MatrixExample Example(JsonElement entry, string path)
        {
            if (!Fields(entry, path, Known)) return new MatrixExample { Id = "", Name = "", Call = default, Expect = RuleOutcome.Deny };
            if (Optional(entry, "call") is null) Refuse(Join(path, "call"), "is required: the ask of an agent, with its action.");
            return new MatrixExample
            {
                Id = Id(entry, path),
                Name = RequiredText(entry, path, "name", 200),
                Call = Optional(entry, "call") is { } call ? Call(call, Join(path, "call")) : default,
                Expect = RequiredWord(entry, path, "expect", MatrixWords.Outcomes),
                Note = OptionalText(entry, path, "note", 4_000),
            };
        }

        private string Id(JsonElement entry, string path)
        {
            var id = RequiredText(entry, path, "id", 64);
            if (!ActionPattern.IsName(id)) Refuse(Join(path, "id"), "may have letters, digits and _ . : - only.");
            else if (!_ids.Add(id)) Refuse(Join(path, "id"), $"'{id}' is another example already.");
            return id;
        }
    }
}
