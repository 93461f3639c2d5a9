using System.Buffers;
using System.Text;
using System.Text.Json;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Trust;

/// <summary>The JSON of a template's lines: read strictly, written canonically.</summary>
public static class TemplateLines
{
    public const int MaxLines = 100;
    private static readonly TimeSpan Shortest = TimeSpan.FromHours(1), Longest = TimeSpan.FromDays(3_650);
    private static readonly Words<Tier> Tiers = new(("observer", Tier.Observer), ("contributor", Tier.Contributor), ("executor", Tier.Executor));

    /// <summary>Reads a list of lines, by capability. Codes: <c>field.unknown</c>, <c>field.invalid</c>; a capability with two lines is one of the latter.</summary>
    /// <param name="lines">May be undefined: the member is missing.</param>
    public static Result<IReadOnlyList<TemplateLine>> Parse(JsonElement lines)
    {
        var reader = new Reader();
        var read = reader.Lines(lines);
        return reader.Fault is { } fault ? fault : (TemplateLine[])[.. read.OrderBy(l => l.Capability, StringComparer.Ordinal)];
    }

    /// <summary>The canonical text: by capability, in a stable order of fields, equal for equal lines.</summary>
    public static string ToJson(IEnumerable<TemplateLine> lines)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, MatrixJson.Readable))
        {
            json.WriteStartArray();
            foreach (var line in lines.OrderBy(l => l.Capability, StringComparer.Ordinal)) Write(line, json);
            json.WriteEndArray();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(TemplateLine line, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("capability", line.Capability);
        json.WriteString("tier", Tiers[line.Tier]);
        json.WriteString("reason", line.Reason);
        if (line.ExpiresIn is { } end) json.WriteString("expires_in", IsoDuration.Write(end));
        json.WriteString("review_in", IsoDuration.Write(line.ReviewIn));
        if (line.Advance is { } advance)
        {
            json.WriteStartObject("advance");
            json.WriteString("to", Tiers[advance.To]);
            json.WriteNumber("target", advance.Target);
            json.WriteNumber("min_sample", advance.MinSample);
            if (advance.ScenarioClasses.Count > 0)
            {
                json.WriteStartArray("scenario_classes");
                foreach (var name in advance.ScenarioClasses) json.WriteStringValue(name);
                json.WriteEndArray();
                json.WriteNumber("each_at_least", advance.EachAtLeast);
            }
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private sealed class Reader : StrictReader
    {
        private static readonly string[] Known = ["capability", "tier", "reason", "expires_in", "review_in", "advance"], KnownOfAdvance = ["to", "target", "min_sample", "scenario_classes", "each_at_least"];
        private readonly HashSet<string> _capabilities = new(StringComparer.Ordinal);

        public IReadOnlyList<TemplateLine> Lines(JsonElement lines)
        {
            var read = List(lines.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null ? null : lines, "lines", MaxLines, Line);
            if (read.Count == 0) Refuse("lines", "must have at least one line: a capability, its tier and why.");
            return read;
        }

        private TemplateLine Line(JsonElement entry, string path)
        {
            if (!Fields(entry, path, Known)) return new TemplateLine { Capability = "", Tier = Tier.Observer, Reason = "" };
            var tier = RequiredWord(entry, path, "tier", Tiers);
            return new TemplateLine
            {
                Capability = Capability(entry, path), Tier = tier, Reason = Said(RequiredText(entry, path, "reason", TemplateLine.MaxReason), Join(path, "reason")),
                ExpiresIn = Duration(entry, path, "expires_in", Shortest, Longest), ReviewIn = Duration(entry, path, "review_in", Shortest, Longest) ?? TemplateLine.UsualReview,
                Advance = Optional(entry, "advance") is { } advance ? Advance(advance, Join(path, "advance"), tier) : null,
            };
        }

        private string Capability(JsonElement entry, string path)
        {
            var text = RequiredText(entry, path, "capability", ActionPattern.MaxLength).Trim().ToLowerInvariant();
            if (!ActionPattern.TryParse(text, out _)) Refuse(Join(path, "capability"), "must be an action, a family such as refund.* or *.");
            else if (!_capabilities.Add(text)) Refuse(Join(path, "capability"), $"'{text}' has a line already: one tier per capability.");
            return text;
        }

        private AdvanceCriteria Advance(JsonElement entry, string path, Tier from)
        {
            if (!Fields(entry, path, KnownOfAdvance)) return new AdvanceCriteria { To = Tier.Executor };
            var (to, target) = (RequiredWord(entry, path, "to", Tiers), Target(entry, path));
            if (to <= from) Refuse(Join(path, "to"), $"must be a tier above {from.ToString().ToLowerInvariant()}, which this line gives.");
            var classes = List(Optional(entry, "scenario_classes"), Join(path, "scenario_classes"), AdvanceCriteria.MaxClasses, Scenario);
            if (classes.Distinct(StringComparer.OrdinalIgnoreCase).Count() < classes.Count) Refuse(Join(path, "scenario_classes"), "names a class twice.");
            if (classes.Count == 0 && Optional(entry, "each_at_least") is not null) Refuse(Join(path, "each_at_least"), "counts how often each scenario class must be met: name the classes.");
            return new AdvanceCriteria
            {
                To = to, Target = target, ScenarioClasses = classes, MinSample = Whole(entry, path, "min_sample", 1, AdvanceCriteria.MaxSample, AdvanceCriteria.LeastSample(target)),
                EachAtLeast = Whole(entry, path, "each_at_least", 1, AdvanceCriteria.MaxEach, AdvanceCriteria.UsualEach),
            };
        }

        /// <summary>A name on one line: forms have one per line.</summary>
        private string Scenario(JsonElement item, string path)
        {
            var name = Said(Text(item, path, AdvanceCriteria.MaxClass, 1), path);
            if (name.Any(char.IsControl)) Refuse(path, "must be one line.");
            return name;
        }

        private double Target(JsonElement entry, string path)
        {
            if (Optional(entry, "target") is not { } value) return AdvanceCriteria.UsualTarget;
            if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var target) && target is > 0 and <= AdvanceCriteria.MaxTarget) return target;
            Refuse(Join(path, "target"), "must be a number above 0 and at most 0.999: no number of runs proves that nothing ever fails.");
            return AdvanceCriteria.UsualTarget;
        }

        private string Said(string text, string path)
        {
            if (string.IsNullOrWhiteSpace(text)) Refuse(path, "must not be empty.");
            return text.Trim();
        }
    }
}
