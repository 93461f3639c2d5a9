using System.Globalization;
using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Reliability;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Trust;
using OpsConsole.Features.Access;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Promotions.Ui;

/// <summary>One promotion: its terms, where its test stands, every run behind it, and what the reader may do.</summary>
public sealed partial class PromotionDetail
{
    private const int AtOnce = 100;

    private bool _confirming, _withdrawing;
    private string? _refusal;

    [Parameter, EditorRequired] public PromotionView Promotion { get; set; } = default!;
    /// <summary>All that count, oldest first.</summary>
    [Parameter, EditorRequired] public IReadOnlyList<RunView> Runs { get; set; } = [];
    /// <summary>How many of them are left out before those in the table; else the newest are shown.</summary>
    [Parameter] public string? After { get; set; }
    [Parameter] public EventCallback OnChanged { get; set; }
    [Inject] private PromotionDesk Desk { get; set; } = default!;
    [Inject] private CurrentPerson Person { get; set; } = default!;
    [Inject] private Toasts Toasts { get; set; } = default!;

    private PromotionView P => Promotion;
    private int From => int.TryParse(After, NumberStyles.None, CultureInfo.InvariantCulture, out var after) && after < Runs.Count ? after : Math.Max(0, (Runs.Count - 1) / AtOnce * AtOnce);
    private IEnumerable<RunView> Shown => Runs.Skip(From).Take(AtOnce);
    private Sprt? Wald => P.Test is { P1: { } p1, P2: { } p2, Alpha: { } alpha, Beta: { } beta } ? new Sprt(p1, p2, alpha, beta) : null;

    private string At(int after) => $"/agents/{P.AgentId}/promotions?promotion={P.Id}&after={after.ToString(CultureInfo.InvariantCulture)}";

    private string Sentence(Sprt test)
    {
        var (n, faults) = (P.Progress.Judged, P.Progress.Judged - P.Progress.Clean);
        var said = $"{Counted.Of(faults, "fault")} in {Counted.Of(n, "run")}.";
        return P.Progress.Verdict == "rejected" || (P.Progress.MoreRuns == 0 && n > 0) ? $"{said} The line of the runs has crossed the boundary, which ended the test." :
            $"{said} After so many it {(test.AcceptAt(n) < 0 ? "cannot be passed yet" : $"is passed at {Number((long)Math.Floor(test.AcceptAt(n)))} or fewer")} and is failed at {Number((long)Math.Ceiling(test.RejectAt(n)))} or more.";
    }

    private async Task ConfirmAsync(string? reason)
    {
        var me = await Person.RequireAsync();
        var done = me.Fault is { } gone ? gone : await Desk.ConfirmAsync(me.Value, P.AgentId, P.Id, new PromotionReason(reason ?? ""));
        _refusal = done.Fault?.Message;
        if (!done.Ok) return;
        _confirming = false;
        Toasts.Done($"{P.AgentName} is {Word(P.To)} for {P.Capability}.");
        await OnChanged.InvokeAsync();
    }

    private async Task WithdrawAsync(string? reason)
    {
        var me = await Person.RequireAsync();
        var done = me.Fault is { } gone ? gone : await Desk.WithdrawAsync(me.Value, P.AgentId, P.Id, new PromotionReason(reason ?? ""));
        _refusal = done.Fault?.Message;
        if (!done.Ok) return;
        _withdrawing = false;
        Toasts.Done("The promotion is taken back.");
        await OnChanged.InvokeAsync();
    }

    internal static string Said(string state) => state switch { "open" => "counting", "passed" => "waits for a second person", "overtaken" => "overtaken by another tier", var other => other };
    internal static string Tone(string state) => state switch { "passed" => "waits", "confirmed" => "allow", "failed" => "denied", _ => "unknown" };
    private static string Word(Tier tier) => tier.ToString().ToLowerInvariant();
    private static string Number(long n) => n.ToString("N0", CultureInfo.InvariantCulture);
    private static string Percent(double share) => (share * 100).ToString("0.#", CultureInfo.InvariantCulture) + " %";
}
