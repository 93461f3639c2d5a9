using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Shared;

namespace OpsConsole.Features.Agents.Ui;

/// <summary>Templates on an agent: applied in one step with every tier in sight, and what a changed template offers. Nothing changes without somebody's yes.</summary>
public sealed partial class AgentTemplates
{
    private static readonly string[] Topics = ["state", TemplateDesk.Topic];
    private readonly HashSet<string> _accepted = new(StringComparer.Ordinal);
    private string? _shown, _picked, _why, _refusal;
    private AgentTemplatesView? _view;
    private Fault? _fault;
    private TemplatePreview? _preview;
    private List<Choice> _lines = [];
    private AppliedTemplate? _reviewing;
    private bool _open, _busy;

    [Parameter, EditorRequired] public AgentView Agent { get; set; } = default!;
    /// <summary>The agent holds at least one tier.</summary>
    [Parameter, EditorRequired] public bool Granted { get; set; }
    [Parameter] public EventCallback OnChanged { get; set; }

    private int Chosen => _lines.Count(l => l.Chosen);

    protected override Task OnParametersSetAsync()
    {
        if (_shown == Agent.Id) return Task.CompletedTask;
        _shown = Agent.Id;
        return LoadAsync();
    }

    private async Task LoadAsync()
    {
        if (await Me.GetAsync() is not { } me) return;
        var view = await Templates.PageAsync(me, Agent.Id, CancellationToken.None);
        _fault = view.Fault;
        if (view.Ok) _view = view.Value;
    }

    private async Task OpenAsync()
    {
        (_picked, _why, _refusal) = (_view!.Choices[0].Id, null, null);
        await PreviewAsync();
        _open = true;
    }

    private async Task PreviewAsync()
    {
        var me = await Me.RequireAsync();
        var preview = me.Fault is { } gone ? gone : await Templates.PreviewAsync(me.Value, Agent.Id, _picked!, CancellationToken.None);
        _refusal = preview.Fault?.Message;
        _preview = preview.Ok ? preview.Value : null;
        _lines = [.. (_preview?.Lines ?? []).Select((l, i) => new Choice(l, "at" + i))];
    }

    private Task ApplyAsync() => OnceAsync(async () =>
    {
        if (_preview is not { } preview) return;
        var chosen = _lines.FindAll(l => l.Chosen);
        var me = await Me.RequireAsync();
        var given = me.Fault is { } gone ? gone
            : await Templates.ApplyAsync(me.Value, Agent.Id, new ApplyTemplateRequest(preview.Id, _why!, preview.Version, [.. chosen.Select(l => l.Given.Capability)], [.. chosen.Select(l => l.Terms).OfType<LineTerms>()]));
        if (given.Fault?.Code == "template.changed") await PreviewAsync();   // what is shown is what will be given
        _refusal = given.Fault?.Message;
        if (!given.Ok) return;
        _open = false;
        Toasts.Done($"{preview.Name}: {Tiers(given.Value.Grants.Count)} given.");
        await ChangedAsync();
    });

    private void Review(AppliedTemplate template)
    {
        (_reviewing, _why, _refusal) = (template, null, null);
        _accepted.Clear();
        _accepted.UnionWith(template.Offer.Where(o => !o.Widens).Select(o => o.Capability));   // more authority is ticked by hand
    }

    private void Accept(string capability, bool yes)
    {
        if (yes) _accepted.Add(capability);
        else _accepted.Remove(capability);
    }

    private Task AcceptAsync() => OnceAsync(async () =>
    {
        if (_reviewing is not { } template) return;
        var me = await Me.RequireAsync();
        var done = me.Fault is { } gone ? gone : await Templates.AcceptAsync(me.Value, Agent.Id, template.Id, new AcceptOfferRequest([.. _accepted], _why, template.Version));
        _refusal = done.Fault?.Message;
        if (done.Fault?.Code is "template.changed" or "offer.gone")
        {
            await LoadAsync();
            if (_view?.Applied.FirstOrDefault(t => t.Id == template.Id) is { } again) Review(again);   // what is shown is what is offered now
            _refusal = done.Fault.Message;
        }
        if (!done.Ok) return;
        _reviewing = null;
        Toasts.Done($"{template.Name}: {Tiers(done.Value.Grants.Count)} given, {done.Value.Ended.Count} ended.");
        await ChangedAsync();
    });

    private async Task OnceAsync(Func<Task> act)
    {
        if (_busy) return;
        _busy = true;
        try { await act(); }
        finally { _busy = false; }
    }

    private async Task ChangedAsync()
    {
        await LoadAsync();
        await OnChanged.InvokeAsync();
    }

    private static string Tiers(int count) => count == 1 ? "1 tier" : $"{count} tiers";

    /// <summary>A line of the template as somebody may change it for this agent.</summary>
    private sealed class Choice(PreviewLine given, string key)
    {
        public PreviewLine Given => given;
        public string Key => key;
        public bool Chosen { get; set; } = true;
        public string? Reason { get; set; } = given.Reason;
        public DateOnly? Expires { get; set; } = Day(given.ExpiresAt);
        public DateOnly? Review { get; set; } = Day(given.ReviewBy);

        /// <summary>What differs from the template; null where nothing does, so that its exact times hold.</summary>
        public LineTerms? Terms
        {
            get
            {
                var (ownReason, ownEnd, ownReview) = (!string.IsNullOrWhiteSpace(Reason) && Reason.Trim() != given.Reason, Expires != Day(given.ExpiresAt), Review is not null && Review != Day(given.ReviewBy));
                return ownReason || ownEnd || ownReview ? new LineTerms(given.Capability, ownReason ? Reason : null, ownEnd ? Midnight(Expires) : null, ownReview ? Midnight(Review) : null, ownEnd && Expires is null) : null;
            }
        }

        private static DateOnly? Day(DateTimeOffset? at) => at is { } time ? DateOnly.FromDateTime(time.UtcDateTime) : null;
        private static DateTimeOffset? Midnight(DateOnly? day) => day is { } d ? new DateTimeOffset(d.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero) : null;
    }
}
