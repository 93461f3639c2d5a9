namespace OpsConsole.Core.Shared;

/// <summary>Whether the console can record at the moment.</summary>
/// <param name="Since">Since when not; null while it can.</param>
public sealed record WriterHealth(bool Up, DateTimeOffset? Since, string? Why);
