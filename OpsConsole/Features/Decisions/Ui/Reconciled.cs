namespace OpsConsole.Features.Decisions.Ui;

/// <summary>What a person says became of an action.</summary>
/// <param name="Status">succeeded, failed or skipped.</param>
public sealed record Reconciled(string Status, string Words);
