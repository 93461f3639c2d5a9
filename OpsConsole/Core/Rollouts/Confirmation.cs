namespace OpsConsole.Core.Rollouts;

/// <summary>What a person stands for by name, where no machine can check it. One per person and subject: confirming again takes the place of the one before; all of them are on the audit log.</summary>
public sealed class Confirmation
{
    private Confirmation() { }
    public Confirmation(string rolloutId, string subject, string personId) => (RolloutId, Subject, PersonId) = (rolloutId, subject, personId);

    public string RolloutId { get; private set; } = "";
    /// <summary>What is confirmed, such as <c>boundary</c> or the id of a gate's criterion.</summary>
    public string Subject { get; private set; } = "";
    public string PersonId { get; private set; } = "";
    /// <summary>In their own words.</summary>
    public string Words { get; private set; } = "";
    public string? Link { get; private set; }
    /// <summary>What it was about when it was confirmed (<see cref="ConfirmationRules.Ground"/>); where that has changed it no longer counts.</summary>
    public string Ground { get; private set; } = "";
    public DateTimeOffset At { get; private set; }

    /// <summary>It counts no more and stays to be read.</summary>
    public void Outdate() => Ground = ConfirmationRules.Outdated;

    public void Say(string words, string? link, string ground, DateTimeOffset at) => (Words, Link, Ground, At) = (words, link, ground, at);
}
