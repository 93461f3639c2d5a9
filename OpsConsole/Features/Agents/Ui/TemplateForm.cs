using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Trust;

namespace OpsConsole.Features.Agents.Ui;

/// <summary>What somebody typed about a template. The desk reads it like any request, so that a page refuses what the API refuses.</summary>
public sealed class TemplateForm
{
    public string Name { get; set; } = "";
    public string Description { get; set; } = "";
    public List<TemplateLineForm> Lines { get; } = [];

    public static TemplateForm Of(TemplateView? template)
    {
        var form = new TemplateForm { Name = template?.Name ?? "", Description = template?.Description ?? "" };
        form.Lines.AddRange(template?.Lines.Select(TemplateLineForm.Of) ?? [new TemplateLineForm()]);
        return form;
    }

    public TemplateRequest Request() => new(Name, Description, JsonSerializer.SerializeToElement(new JsonArray([.. Lines.Select(l => l.Json())])));

    /// <summary>A refusal as a form says it: by the line's number, days where the API has durations.</summary>
    public static string Say(Fault fault)
    {
        if (LineOf(fault) is not ({ } line, var field)) return fault.Message;
        var rest = field switch
        {
            "expires_in" or "review_in" => $"{(field == "review_in" ? "the review" : "the end")} must be a number of days, or a duration such as PT36H: from 1 hour to 10 years.",
            "advance.target" => "the share of clean runs must be above 0 and at most 99.9 %: no number of runs proves that nothing ever fails.",
            _ => fault.Message.Replace($"lines[{line}].", "", StringComparison.Ordinal).Replace("advance.", "", StringComparison.Ordinal).Replace('_', ' '),
        };
        return string.Create(CultureInfo.InvariantCulture, $"Line {line + 1}: {rest}");
    }

    /// <summary>The line and the field that a refusal is about.</summary>
    public static (int? Line, string Field) LineOf(Fault? fault)
        => fault?.Field is { } path && path.StartsWith("lines[", StringComparison.Ordinal) && path.IndexOf(']', StringComparison.Ordinal) is > 6 and var close && int.TryParse(path.AsSpan(6, close - 6), NumberStyles.None, CultureInfo.InvariantCulture, out var line)
            ? (line, path.Length > close + 2 ? path[(close + 2)..] : "") : (null, "");
}

/// <summary>One line of it, as typed.</summary>
public sealed class TemplateLineForm
{
    private Tier _tier = Tier.Observer;

    public string Capability { get; set; } = "";
    public string Reason { get; set; } = "";
    /// <summary>Days, or an ISO 8601 duration; empty: no end.</summary>
    public string Expires { get; set; } = "";
    /// <summary>Days, or an ISO 8601 duration; empty: the usual 90 days.</summary>
    public string Review { get; set; } = "90";
    public bool Advances { get; set; }
    public Tier To { get; set; } = Tier.Contributor;
    /// <summary>Per cent.</summary>
    public string Target { get; set; } = "95";
    /// <summary>Empty: the least that can show the target.</summary>
    public string Sample { get; set; } = "";
    /// <summary>One per line.</summary>
    public string Classes { get; set; } = "";
    public string Each { get; set; } = "5";

    public Tier Tier
    {
        get => _tier;
        set
        {
            _tier = value;
            if (value == Tier.Executor) Advances = false;
            else if (To <= value) To = value + 1;
        }
    }

    public static TemplateLineForm Of(TemplateLineView line)
    {
        var form = new TemplateLineForm { Capability = line.Capability, Tier = line.Tier, Reason = line.Reason, Expires = Days(line.ExpiresIn), Review = Days(line.ReviewIn) };
        if (line.Advance is not { } advance) return form;
        (form.Advances, form.To, form.Target, form.Sample) = (true, advance.To, ((decimal)advance.Target * 100).ToString("0.##########", CultureInfo.InvariantCulture), advance.MinSample.ToString(CultureInfo.InvariantCulture));
        (form.Classes, form.Each) = (string.Join('\n', advance.ScenarioClasses), (advance.EachAtLeast ?? AdvanceCriteria.UsualEach).ToString(CultureInfo.InvariantCulture));
        return form;
    }

    public JsonObject Json()
    {
        var line = new JsonObject { ["capability"] = Given(Capability), ["tier"] = Word(Tier), ["reason"] = Given(Reason), ["expires_in"] = Duration(Expires), ["review_in"] = Duration(Review) };
        if (!Advances) return line;
        string[] classes = Classes.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        line["advance"] = new JsonObject
        {
            ["to"] = Word(To), ["target"] = decimal.TryParse(Target.Trim().TrimEnd('%').Trim(), NumberStyles.Number, CultureInfo.InvariantCulture, out var percent) ? JsonValue.Create(percent / 100) : JsonValue.Create(Target),
            ["min_sample"] = Number(Sample), ["scenario_classes"] = new JsonArray([.. classes.Select(c => JsonValue.Create(c))]), ["each_at_least"] = classes.Length == 0 ? null : Number(Each),
        };
        return line;
    }

    private static string Word(Tier tier) => tier.ToString().ToLowerInvariant();
    private static string? Given(string text) => string.IsNullOrWhiteSpace(text) ? null : text;

    private static string Days(string? duration) => duration is null ? "" : IsoDuration.TryParse(duration, out var span) && span.Ticks % TimeSpan.TicksPerDay == 0 ? span.Days.ToString(CultureInfo.InvariantCulture) : duration;

    private static JsonNode? Duration(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim() is var given && given.All(char.IsAsciiDigit) ? $"P{given}D" : given;

    // What is no number goes as it is, and is refused by name.
    private static JsonNode? Number(string? text) => string.IsNullOrWhiteSpace(text) ? null : int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : text;
}
