using System.Text.Json;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Shared;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Approvals.Ui;

/// <summary>Everything a person needs to judge one request; what the agent wrote is marked as such and is only ever text.</summary>
public sealed partial class ApprovalCard
{
    private ElementReference _heading;

    [Parameter, EditorRequired] public ApprovalView View { get; set; } = default!;
    [Parameter] public RunSoFar Run { get; set; } = RunSoFar.None;
    /// <summary>What the past says about it; null while that is not known.</summary>
    [Parameter] public RequestHistory? History { get; set; }
    [Parameter] public string BackHref { get; set; } = "/approvals";
    /// <summary>What happened while the reader was looking, above everything else.</summary>
    [Parameter] public DeskNotice? Notice { get; set; }
    /// <summary>Where to go on once nothing is left to do here.</summary>
    [Parameter] public (string Href, string Word) WayOn { get; set; } = ("/approvals", "Back to what waits");
    [Parameter] public string? MeId { get; set; }
    /// <summary>Sends the owner's answer to a question.</summary>
    [Parameter] public Func<string, string, Task<Fault?>> Answer { get; set; } = static (_, _) => Task.FromResult<Fault?>(null);
    /// <summary>The actions, at the foot.</summary>
    [Parameter] public RenderFragment? ChildContent { get; set; }

    private string Heading => What(View);

    private string RuleName => View.Rule is null or "default" ? $"No rule: the default of matrix version {View.MatrixVersion}" : $"Rule {View.Rule}, matrix version {View.MatrixVersion}";

    private string DecidersWords
    {
        get
        {
            var names = View.ApproverNames.Count == 0 ? "nobody yet" : string.Join(View.Sequence ? ", then " : ", ", View.ApproverNames);
            var who = View.Approvers.Count == 0 ? $"The rule names nobody, so the rollout's owners decide: {names}." : $"Asked: {names}.";
            var yes = View.Votes.Count(v => v.Counts && v.Verdict != "reject");
            return View.Quorum > 1 ? $"{who} {yes} of {View.Quorum} said yes{(View.Sequence ? "; one after the other" : "")}." : who;
        }
    }

    private string CostWords
    {
        get
        {
            List<string> parts = [];
            if (View.ExpectedCost.TryGetProperty("usd", out var usd)) parts.Add("$" + (usd.ValueKind == JsonValueKind.String ? usd.GetString() : usd.GetRawText()));
            if (View.ExpectedCost.TryGetProperty("tokens", out var tokens)) parts.Add(tokens.ToString() + " tokens");
            return string.Join(", ", parts);
        }
    }

    /// <summary>Moves the keyboard to the heading, so that screen readers begin to read here.</summary>
    public Task FocusAsync() => _heading.TryFocusAsync(preventScroll: true);

    /// <summary>The action and what it is about, safe to read.</summary>
    internal static string What(ApprovalView view) => VisibleText.Flatten($"{view.Action} {view.ResourceType} {view.ResourceId}").Replace("  ", " ").Trim();

    internal static string Duration(string? iso)
        => iso is null || !IsoDuration.TryParse(iso, out var span) ? "a while" : span.TotalHours >= 48 ? Number(span.TotalDays) + " days" : span.TotalHours >= 1 ? Number(span.TotalHours) + " h" : span.TotalMinutes >= 1 ? Number(span.TotalMinutes) + " min" : Number(span.TotalSeconds) + " s";

    private static string Number(double amount) => amount.ToString("0.#", System.Globalization.CultureInfo.InvariantCulture);

    private static string VoteWords(VoteView vote) => (vote.Verdict switch { "approve" => "approved", "edit" => "edited and approved", _ => "rejected" }) + (vote.BreakGlass ? " as break-glass" : "")
        + (vote.PlaceOf is not { } holder ? "" : vote.Capacity switch { "deputy" => $" as deputy of {VisibleText.Flatten(holder)}", "stands_in" => $", standing in for {VisibleText.Flatten(holder)}", _ => $", in the place of {VisibleText.Flatten(holder)}" });

    private static string Text(JsonElement item) => item.TryGetProperty("text", out var text) && text.ValueKind == JsonValueKind.String ? text.GetString()! : "(no text sent)";

    private static string SourceOf(JsonElement item)
    {
        var kind = item.TryGetProperty("kind", out var k) ? k.GetString() : null;
        var from = item.TryGetProperty("ref", out var r) && r.ValueKind == JsonValueKind.String ? " " + VisibleText.Flatten(r.GetString()) : "";
        return (kind switch { "retrieved" => "Retrieved", "message" => "Message", "tool" => "Answer of a tool", _ => "Context" }) + from + ", as the agent sent it";
    }
}
