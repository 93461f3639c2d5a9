using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Authority;

/// <summary>
/// A matrix as JSON. Reading is strict about structure (unknown fields, wrong types, out of range: refused with the field's path) and
/// generous about meaning: a draft may name an approver twice, forget one or hold a broken expression; <see cref="MatrixAnalyser"/> says so before publishing.
/// </summary>
public static class MatrixJson
{
    /// <summary>How many boundaries and how many rules a matrix may have.</summary>
    public const int MaxRows = 10_000;

    /// <summary>Reads a whole matrix. <c>null</c> counts as absent. Codes: <c>field.unknown</c>, <c>field.invalid</c>.</summary>
    public static Result<MatrixDocument> Parse(JsonElement body)
    {
        var reader = new MatrixReader();
        var document = reader.Document(body);
        return reader.Fault is { } fault ? fault : document;
    }

    /// <summary>Reads a list of conditions alone, such as a rollout's audience; <paramref name="path"/> is where it stands, for the faults.</summary>
    public static Result<IReadOnlyList<Condition>> ParseConditions(JsonElement list, string path)
    {
        var reader = new MatrixReader();
        Condition[] conditions = [.. reader.Conditions(list, path)];
        return reader.Fault is { } fault ? fault : conditions;
    }

    /// <summary>Writes the matrix in a stable order, leaving out defaults (except effect, consequence and reversible, which people look for).</summary>
    public static void Write(MatrixDocument document, Utf8JsonWriter writer) => MatrixWriter.Document(document, writer);

    /// <summary>Writes a list of conditions alone.</summary>
    public static void WriteConditions(IReadOnlyList<Condition> conditions, Utf8JsonWriter writer) => MatrixWriter.Conditions(conditions, writer);

    /// <summary>For <c>application/json</c> and for people, who read conditions such as <c>&gt; 200</c>; never to be put into HTML as it is.</summary>
    public static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    /// <summary>The same for nodes.</summary>
    internal static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The text of <see cref="Write"/>; equal for equal matrices, so its hash can serve as an ETag. Characters such as <c>&gt;</c> stand as they are.</summary>
    public static string ToJson(MatrixDocument document)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Readable)) Write(document, writer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
