# Reads a cask or formula with Homebrew's words recorded, runs a formula's `install`, and prints both as JSON.
# macOS brings Ruby 2.6: nothing newer here.
require "json"
require "pathname"

class Words < BasicObject
  def initialize
    @recorded = {}
  end

  def __recorded
    @recorded
  end

  def method_missing(name, *values)
    return @recorded[name] || "<#{name}>" if values.empty?

    @recorded[name] = values.length == 1 ? values[0] : values
  end
end

def cask(token, &block)
  words = Words.new
  words.instance_eval(&block)
  puts JSON.generate({ cask: token }.merge(words.__recorded))
end

module Language
  module Python
    module Virtualenv; end
  end
end

class Formula
  class Folder
    attr_reader :links

    def initialize
      @links = []
    end

    def install_symlink(target)
      @links << target.to_s
    end
  end

  class << self
    attr_reader :kinds

    def recorded
      @recorded ||= {}
    end

    def inherited(kind)
      (@kinds ||= []) << kind
    end

    def test(&block)
      recorded[:test] = !block.nil?
    end

    def service(&block)
      recorded[:service] = !block.nil?
    end

    def method_missing(name, *values)
      recorded[name] = values.fetch(0)
    end
  end

  attr_reader :commands, :bin

  def initialize
    @commands = []
    @bin = Folder.new
  end

  def libexec
    Pathname("/libexec")
  end

  def system(*words)
    @commands << words.map(&:to_s)
  end

  def virtualenv_create(*words)
    @commands << ["virtualenv", *words.map(&:to_s)]
  end
end

load ARGV.fetch(0)
(Formula.kinds || []).each do |kind|
  made = kind.new
  made.install
  puts JSON.generate(kind.recorded.merge(formula: kind.name, install: made.commands, links: made.bin.links))
end
